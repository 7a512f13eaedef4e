import { randomBytes } from 'node:crypto'
import { ChaosError } from '@chaos/core'
import type { Elevation, Process } from '@chaos/core'
import type { Part, PartAnswer } from './contract.ts'
import type { Frame } from './frame.ts'
import { handshake, shellKind } from './handshake.ts'
import { createJob } from './job.ts'
import type { Job, Sink } from './job.ts'
import { parseMarks } from './parser.ts'

/** How long output that was under way is waited for when a shell's process has ended. */
const LAST_WORDS = 1_000

/** One long-lived sh of one user. One frame runs at a time; its caller waits for the end before it sends another. */
export interface Shell {
  readonly alive: boolean
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
  readonly onKind?: (kind: string) => void
}

export function newNonce(): string {
  return `M${randomBytes(16).toString('hex')}`
}

/** Makes a shell of a process that reads commands on its stdin. */
export function shellOf({ host, process, drop, elevated, onKind }: ShellOptions): Shell {
  let job: Job | undefined
  let greeting: string | undefined
  let greeted = false
  let unsupported = false
  let reason: string | undefined
  let broke = false
  let noise = ''
  const readers: { stdout?: (chunk: Buffer) => void; stderr?: (chunk: Buffer) => void } = {}

  process.stdin.on('error', () => {})
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].on('error', () => {})
    process[stream].on('data', (chunk: Buffer) => readers[stream]?.(chunk))
    // Whoever read the beginning of it may have paused it.
    process[stream].resume()
  }

  void goneOf(process).then(({ why, broken }) => {
    reason = why
    broke = broken
    job?.lost(why)
  })

  const listen = (nonce: string, running: Job) => {
    for (const stream of ['stdout', 'stderr'] as const) {
      readers[stream] = parseMarks(nonce, {
        data: (bytes) => {
          if (!greeted && stream === 'stderr') noise = `${noise}${bytes.toString()}`.slice(-2000)
          running.data(stream, bytes)
        },
        mark: (text) => {
          if (text.startsWith('S')) {
            greeted = true
            unsupported = text === 'S unsupported'
            onKind?.(shellKind(text))
          } else running.mark(stream, text)
        },
      })
    }
  }

  return {
    get alive() {
      return reason === undefined
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
      greeting ??= handshake(nonce, { elevated })
      process.stdin.write(first ? Buffer.concat([Buffer.from(greeting, 'latin1'), frame.text]) : frame.text)
      const answers = await running.done
      signal?.removeEventListener('abort', abort)
      stop?.removeEventListener('abort', stopping)
      job = undefined
      delete readers.stdout
      delete readers.stderr
      // A connection that broke tells nothing of what it had brought before; those answers stay unknown.
      if (unsupported || (reason !== undefined && !broke && !greeted && !signal?.aborted)) throw notStarted(host, unsupported, reason ?? '', noise)
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
async function goneOf(process: Process): Promise<{ why: string; broken: boolean }> {
  const closed = Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.once('close', resolve).once('end', resolve))))
  const gone = await process.exit.then(
    ({ code, signal }) => ({ why: `The shell on the host ended (${signal ?? `code ${code}`}).`, broken: false }),
    (error: unknown) => ({ why: `The connection was lost: ${error instanceof Error ? error.message : String(error)}`, broken: true }),
  )
  await Promise.race([closed, pause(LAST_WORDS)])
  return gone
}

function notStarted(host: string, unsupported: boolean, reason: string, noise: string): ChaosError {
  if (unsupported) {
    return new ChaosError('SHELL_UNSUPPORTED', {
      message: `The sh of ${host} has neither a builtin printf nor a builtin print.`,
      hint: 'Install dash, bash, busybox or mksh as /bin/sh there.',
      host,
    })
  }
  return new ChaosError('CONNECTION_LOST', {
    message: `No shell could be started on ${host}: ${reason}`,
    hint: 'Look at what the login prints: details.stderr has it.',
    host,
    details: { stderr: noise },
  })
}

function always(): true {
  return true
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref())
}
