import { randomBytes } from 'node:crypto'
import type { Elevation, Process } from '@chaos/core'
import type { Part, PartAnswer } from './contract.ts'
import type { Frame } from './frame.ts'
import { handshake, shellKind } from './handshake.ts'
import { createJob } from './job.ts'
import type { Job, Sink } from './job.ts'
import { afterLastWords } from './last-words.ts'
import { processOf } from './left.ts'
import type { Left, ProcessId } from './left.ts'
import { GREETING, isEcho, noShell } from './no-shell.ts'
import type { NoShell } from './no-shell.ts'
import { parseMarks } from './parser.ts'

/** One long-lived sh of one user. One frame runs at a time; its caller waits for the end before it sends another. */
export interface Shell {
  readonly alive: boolean
  /** What may be left on the host of the request in whose midst it was lost. */
  readonly left: Left | undefined
  run(options: RunFrame): Promise<readonly PartAnswer[]>
  /** Lets the shell read its end, waits for it a little, and ends its process otherwise. */
  close(): Promise<void>
}

export interface RunFrame {
  readonly nonce: string
  readonly frame: Frame
  readonly parts: readonly Part[]
  readonly stopAtFailure: boolean
  readonly signal?: AbortSignal | undefined
  readonly stop?: AbortSignal | undefined
  readonly sink?: Sink | undefined
  /** Gives a part its content, see {@link Job.pass}; `process` is what it may be streamed to. */
  readonly gate: (index: number, job: Job, process: Process, drop: () => void) => void
  /** Told what runs, so that it can be ended from outside. */
  readonly started?: (job: Job) => void
}

export interface ShellOptions {
  readonly host: string
  readonly as: Elevation
  readonly elevated: boolean
  readonly process: Process
  /** Ends the process and what it is to the connection. */
  readonly drop: () => void
  /** The same at once, with all it started; where that finds what the shell itself does not. */
  readonly endUnseen?: (() => void) | undefined
  readonly onKind?: (kind: string) => void
}

export function newNonce(): string {
  return `M${randomBytes(16).toString('hex')}`
}

/** Makes a shell of a process that reads commands on its stdin. */
export function shellOf({ host, process, drop, endUnseen, elevated, onKind }: ShellOptions): Shell {
  let job: Job | undefined
  let greeting: string | undefined
  let greeted = false
  let how: NoShell['how']
  let reason: string | undefined
  let broke = false
  let itself: ProcessId | undefined
  let left: Left | undefined
  const noise = { stdout: '', stderr: '' }
  const readers: { stdout?: (chunk: Buffer) => void; stderr?: (chunk: Buffer) => void } = {}

  process.stdin.on('error', () => {})
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].on('error', () => {})
    process[stream].on('data', (chunk: Buffer) => readers[stream]?.(chunk))
    // Whoever read the beginning of it may have paused it.
    process[stream].resume()
  }

  // From here on nothing more is sent to it; what it said before may still be on its way.
  let over = false
  const ended = (): void => {
    over = true
  }
  process.exit.then(ended, ended)

  void goneOf(process).then(({ why, broken, code }) => {
    how ??= code
    reason = why
    broke = broken
    job?.lost(why)
  })

  const listen = (nonce: string, running: Job) => {
    for (const stream of ['stdout', 'stderr'] as const) {
      readers[stream] = parseMarks(nonce, {
        data: (bytes) => {
          if (!greeted) noise[stream] = `${noise[stream]}${bytes.toString()}`.slice(-2000)
          running.data(stream, bytes)
        },
        mark: (text) => {
          if (how !== undefined) return
          if (text.startsWith('I')) itself = processOf(text.slice(2))
          if (text.startsWith('S')) {
            if (isEcho(text)) {
              // On stderr it is a shell that shows what it reads.
              if (stream === 'stderr') return
              how = 'echo'
              return drop()
            }
            greeted = true
            if (text === 'S unsupported') how = 'unsupported'
            onKind?.(shellKind(text))
          } else running.mark(stream, text)
        },
      })
    }
  }

  return {
    get alive() {
      return !over && !process.stdin.destroyed
    },
    get left() {
      return left
    },
    run: async ({ nonce, frame, parts, stopAtFailure, signal, stop, sink, gate, started }) => {
      const running = createJob({
        nonce,
        parts,
        stopAtFailure,
        sink,
        shell: {
          line: (text) => void process.stdin.write(`${text}\n`),
          drop,
          endUnseen: () => {
            // It told its own entry in the table of processes, so it sees others there too.
            if (itself !== undefined || !endUnseen) return false
            endUnseen()
            return true
          },
          pause: () => void process.stdout.pause(),
          resume: () => void process.stdout.resume(),
        },
        gate: (index) => gate(index, running, process, drop),
      })
      job = running
      listen(nonce, running)
      started?.(running)
      const abort = () => running.end('aborted')
      signal?.addEventListener('abort', abort, { once: true })
      const stopping = () => running.stop()
      stop?.addEventListener('abort', stopping, { once: true })
      if (reason !== undefined) running.lost(reason)
      const first = greeting === undefined
      const silent = setTimeout(() => {
        if (greeted || how !== undefined) return
        how = 'silent'
        drop()
      }, GREETING).unref()
      greeting ??= handshake(nonce, { elevated })
      process.stdin.write(first ? Buffer.concat([Buffer.from(greeting, 'latin1'), frame.text]) : frame.text)
      const answers = await running.done
      clearTimeout(silent)
      signal?.removeEventListener('abort', abort)
      stop?.removeEventListener('abort', stopping)
      if (answers.some(({ state }) => state === 'unknown')) {
        left = { shell: itself, ...running.processes(), temporaries: [...frame.gates.values()].map(({ temporary }) => temporary) }
      }
      job = undefined
      delete readers.stdout
      delete readers.stderr
      // A connection that broke tells nothing of what it had brought before; those answers stay unknown.
      if (typeof how === 'string' || (reason !== undefined && !broke && !greeted && !signal?.aborted)) throw noShell({ host, how, reason: reason ?? '', ...noise })
      return answers
    },
    close: async () => {
      process.stdin.end()
      const ended = await Promise.race([process.exit.then(always, always), pause(2_000)])
      if (ended !== true) drop()
    },
  }
}

/** Resolves with the reason when the process has ended and nothing more will come of it. */
function goneOf(process: Process): Promise<{ why: string; broken: boolean; code: number | undefined }> {
  return afterLastWords(process, process.exit.then(
    ({ code, signal }) => ({ why: `The shell on the host ended (${signal ?? `code ${code}`}).`, broken: false, code: code ?? undefined }),
    (error: unknown) => ({ why: `The connection was lost: ${error instanceof Error ? error.message : String(error)}`, broken: true, code: undefined }),
  ))
}

function always(): true {
  return true
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref())
}
