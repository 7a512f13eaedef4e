import type { Duplex, Readable, Writable } from 'node:stream'
import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { Command } from './command.ts'
import type { HostReference } from './host.ts'
import type { PluginContext } from './plugin-context.ts'
import type { Output, Schema } from './schema.ts'

/** How a command is run. */
export interface SpawnOptions {
  /** Ends the process and all it started. */
  signal?: AbortSignal
  /** A pty, for doas and requiretty. stdout and stderr are then one stream. Default false. */
  terminal?: boolean
}

/** A running process: byte streams, and how it ended. */
export interface Process {
  /** Its end is the end of the command's input. */
  readonly stdin: Writable
  /** Bytes, apart from those of stderr. Nothing is lost for who reads late, also when it has ended by then; who does not want it resumes it. */
  readonly stdout: Readable
  /** Empty with a terminal. */
  readonly stderr: Readable
  /** Resolves when it has ended; rejects when the connection broke. A non-zero code is a result, not an error. */
  readonly exit: Promise<{ code: number | null; signal?: string }>
}

/** A way to run commands on a machine. sudo, files, facts, quoting, timeouts and batching belong to the engine. */
export interface Connection {
  /** Runs a command by a POSIX sh. Rejects where it could not be started at all; several may run at once. */
  spawn(command: Command, options?: SpawnOptions): Promise<Process>
  /** A tunnel to something the machine can reach, a port or a socket. Not given = it has none. */
  dial?(to: { host: string; port: number } | { path: string }): Promise<Duplex>
  /**
   * Only where it is a better way than a stream through `spawn`. Both reject with `FILE_TRANSFER_UNSUPPORTED`, before they have
   * read or written anything, where the machine turns out not to have it; then the file goes through the stream.
   */
  writeFile?(path: string, content: Readable, options: { mode: number }): Promise<void>
  /** The content of a file, as the login user may read it: see `writeFile`. */
  readFile?(path: string): Promise<Readable>
  /**
   * Whether the abort of a spawn's signal ends more than a command there could: where there is no /proc, what made a session of its own is not
   * found by who runs there, but by the machine underneath. Default false.
   */
  readonly endsUnseen?: boolean
  /** Ends what it started, and itself. */
  close(end: { outcome: 'done' | 'failed' | 'aborted' | 'dry' }): Promise<void>
  /** The same where all that still runs only waits for its stdin, and goes by itself when that ends. Only where it saves a round trip. */
  leave?(end: { outcome: 'done' | 'failed' | 'aborted' | 'dry' }): Promise<void>
}

/** The data of a host that belong to a connector; any where it has no schema. */
export type HostData<S extends Schema> = Schema extends S ? Readonly<Record<string, unknown>> : Readonly<Output<S>>

/** What `open` opens: one layer of a host's name. */
export interface Target<D = Readonly<Record<string, unknown>>> {
  /** The whole name of the host. */
  readonly host: string
  /** What follows the connector's name: `web` in `@docker/web`; empty for none. */
  readonly argument: string
  /** The host's data that carry the connector's prefix, validated by its schema. */
  readonly data: D
  /** What it stands on in the host's name, outermost first: `['@ssh/bastion']` for the docker of `@ssh/bastion/@docker/web`. Empty = this machine. */
  readonly below: readonly string[]
  /**
   * Only for a connector with `login`: the access guard asks whether one still gets in. It must be a login of its own, from the first byte,
   * over nothing that is open to this machine already; what leads there over other machines may be shared.
   */
  readonly fresh?: boolean
}

/** What a machine shows of itself, and how to trust it from now on: `chaos trust`. */
export interface Identity {
  /** Whose it is, as it is kept: `[db.example.net]:2222`. */
  readonly name: string
  /** Where trusted ones are kept. */
  readonly file: string
  /** `changed`: another one is trusted, which `trust` does not replace. */
  readonly keys: readonly { readonly type: string; readonly fingerprint: string; readonly state: 'new' | 'trusted' | 'changed' }[]
  /** Keeps the new ones. */
  trust(): Promise<void>
}

/** What `open` and `identify` are given. */
export interface ConnectorContext extends PluginContext {
  /** The connection underneath: this machine's, or the one stacked on. */
  readonly base: Connection
}

/** What a connector is given that names hosts. */
export interface ExpandContext<Data = Readonly<Record<string, unknown>>> extends PluginContext {
  /** The host's data that carry the connector's prefix, validated by its schema. */
  readonly data: Data
  /** All of the host's data, those of its groups included, not validated: for a connector that makes a host of another connector's. */
  readonly hostData: Readonly<Record<string, unknown>>
}

/** What `defineConnector` takes: `hosts`, `open`, or both. */
export interface ConnectorDefinition<S extends Schema = Schema> {
  /** The schema of the keys a host may carry, prefixed with the connector's name: `docker_commit`. Default: none, and nothing is checked. */
  data?: S
  /** One sentence, for `check` and explain. */
  about?: string
  /**
   * A connection is a login that what changes on the machine may refuse the next time, as with ssh. The access guard then opens another
   * one with {@link Target.fresh}. Default false: a new shell on the connection that is open tells as much.
   */
  login?: boolean
  /** One reference becomes others: terraform, vagrant, dockerssh. */
  hosts?: (argument: string, context: ExpandContext<HostData<S>>) => Iterable<HostReference> | AsyncIterable<HostReference>
  /** Opens a connection. Not given = the connector only expands. */
  open?: (target: Target<HostData<S>>, context: ConnectorContext) => Promise<Connection>
  /** Asks a machine who it is, before it is trusted. Sends no password and no key. */
  identify?: (target: Target<HostData<S>>, context: ConnectorContext) => Promise<Identity>
}

/** A connector, as a package exports it. */
export interface Connector extends Branded<'connector'>, Readonly<ConnectorDefinition> {}

/** Defines how to open a shell on a machine. */
export function defineConnector<S extends Schema = Schema>(definition: ConnectorDefinition<S>): Connector {
  return brand('connector', { ...(definition as unknown as ConnectorDefinition) })
}

/** Whether a value is a connector, of whichever copy of core. */
export function isConnector(value: unknown): value is Connector {
  return isKind(value, 'connector')
}
