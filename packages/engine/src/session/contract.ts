import type { Command, Content, Elevation } from '@chaos/core'
import type { Left } from './left.ts'

/**
 * What the scheduler asks of a session and gets back. A session is one connection to one host with one
 * long-lived sh per user on it; everything that is written and then read there is one exchange.
 */
export interface Session {
  /** Exchanges so far. Starting a shell, sudo's dialogue included, counts as none. */
  readonly exchanges: number
  /** Sends requests to one or several users' shells; what leaves together counts as one exchange. */
  exchange(requests: readonly Request[]): Promise<readonly Answer[]>
  /** Streams a file of the host; its own exchange. */
  read(path: string, as: Elevation): AsyncIterable<Uint8Array>
  /** What the user's last shell that was lost in the midst of a request may have left on the host. */
  left(as: Elevation): Left | undefined
  /** Ends what is running there (with all it started), and closes. */
  close(outcome: 'done' | 'failed' | 'aborted' | 'dry'): Promise<void>
}

/** Parts that run one after another in one user's shell. */
export interface Request {
  /** Whose shell; `{}` = the login user. */
  readonly as: Elevation
  readonly parts: readonly Part[]
  /** A part that fails ends the request; the parts after it are answered `skipped`. Default false. */
  readonly stopAtFailure?: boolean
  /** Ends what is running, with all it started. */
  readonly signal?: AbortSignal
  /** Lets what has begun come to its end, and begins nothing more; the rest is answered `skipped`. */
  readonly stop?: AbortSignal
}

export type Part = (CommandPart | WritePart) & {
  /** Belongs to the part before it: `stop` does not come between them. Default false. */
  readonly follows?: boolean
}

export interface CommandPart {
  readonly kind: 'command'
  readonly command: Command
  readonly stdin?: Content
  /** Codes that are success, for `stopAtFailure`. Default `[0]`; facts give theirs. */
  readonly exit?: readonly number[]
  /** The engine's own command, which cannot hang and starts nothing that stays: no session of its own, cheaper. Default false. */
  readonly trusted?: boolean
  /** Seconds. Not given = none. */
  readonly timeout?: number
  /** Bytes kept of stdout and stderr each; the rest is read and dropped. Default 16 MiB. */
  readonly keep?: number
}

/** A file to be written atomically; see FileWrite of core. Paths are absolute. */
export interface WritePart {
  readonly kind: 'write'
  readonly path: string
  /** Bytes, or a file of the controller that is streamed. */
  readonly content: Uint8Array | { readonly local: string; readonly size: number; readonly sha256: string }
  readonly owner?: string
  readonly group?: string
  readonly mode?: string
  readonly backup?: boolean
  readonly validate?: (temporary: string) => Command
  readonly timeout?: number
}

export type Answer = readonly PartAnswer[]

export type PartAnswer =
  | { readonly state: 'done'; readonly code: number; readonly stdout: Uint8Array; readonly stderr: Uint8Array; /** Bytes that were dropped. */ readonly dropped: number }
  /** Ended because its time was up, or the signal fired. */
  | { readonly state: 'ended'; readonly why: 'timeout' | 'aborted'; readonly stdout: Uint8Array; readonly stderr: Uint8Array }
  /** An earlier part failed. */
  | { readonly state: 'skipped' }
  /** The connection or the shell was lost while it ran: nobody knows how it ended. */
  | { readonly state: 'unknown'; readonly reason: string }

/** How a session is opened. */
export interface SessionOptions {
  readonly host: string
  /** Asked at most once per elevation and run, only when the host asks for a password. */
  readonly password: (ask: { host: string; elevation: Elevation; user: string }) => Promise<import('@chaos/core').Secret | undefined>
  readonly signal?: AbortSignal
  /** sudo's memory of a password that was given a moment ago counts for nothing: the access guard asks whether one still gets through. Default false. */
  readonly fresh?: boolean
  /** Told of every shell that is started, for the journal. */
  readonly onShell?: (shell: { as: Elevation; kind: string; milliseconds: number }) => void
}
