import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { Content, RunProgramOptions } from '@chaos/core'
import { ChaosError, isSecret, revealSecret } from '@chaos/core'
import { after } from '../after.ts'

const TIMEOUT = 60
const MAX_OUTPUT = 10 * 1024 * 1024
/** Milliseconds between TERM and KILL, and how long output is waited for that something left behind holds open. */
const GRACE = 500

export interface ProgramResult {
  code: number
  stdout: string
  stderr: string
}

/**
 * Runs a program of the controller without a shell. A code other than 0 is a result; not there, too slow and interrupted are
 * errors. Whatever ends it early ends its whole process group: killing the program alone would leave what it started, which
 * then holds the output open for ever.
 */
export async function runProgram(argv: readonly string[], options: RunProgramOptions, signal: AbortSignal): Promise<ProgramResult> {
  const [program, ...args] = argv
  if (program === undefined) throw new ChaosError('PROGRAM_MISSING', { message: 'A plugin ran a program without a name.' })
  if (signal.aborted) throw interrupted(program)
  const { timeout = TIMEOUT, maxOutput = MAX_OUTPUT } = options
  if (options.cwd !== undefined && !existsSync(options.cwd)) {
    // Node would say that the program is not there.
    throw new ChaosError('PROGRAM_FAILED', { message: `The program ${program} cannot run in ${options.cwd}, which is not there.`, details: { program } })
  }
  const child = start(program, args, options)
  const stdout = keep(child.stdout, maxOutput, options.encoding)
  const stderr = keep(child.stderr, maxOutput)
  let stopped: ChaosError | undefined
  const stop = (why: ChaosError): void => {
    if (stopped) return
    stopped = why
    endGroup(child)
  }
  const onAbort = (): void => stop(interrupted(program))
  const disarm = after(timeout * 1000, () => stop(tooSlow(program, timeout)))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const ended = untilEnded(child, program)
    feed(child, options.stdin)
    const code = await ended
    if (stopped) throw stopped
    return { code, stdout: stdout(), stderr: stderr() }
  } finally {
    disarm()
    signal.removeEventListener('abort', onAbort)
  }
}

function start(program: string, args: readonly string[], { cwd, env }: RunProgramOptions): ChildProcessWithoutNullStreams {
  try {
    return spawn(program, args, { detached: true, stdio: 'pipe', env: { ...process.env, ...env }, ...(cwd === undefined ? {} : { cwd }) })
  } catch (cause) {
    throw notStarted(program, cause as Error)
  }
}

/** Its exit code; 128 and the signal's number when a signal ended it, as a shell would say. */
function untilEnded(child: ChildProcessWithoutNullStreams, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let disarm = (): void => {}
    child.once('error', (cause) => reject(notStarted(program, cause)))
    child.once('exit', () => {
      // Something in the background may hold the output open after the program itself has ended.
      disarm = after(GRACE, () => {
        kill(child, 'SIGKILL')
        child.stdout.destroy()
        child.stderr.destroy()
      })
    })
    child.once('close', (code, killedBy) => {
      disarm()
      resolve(code ?? 128 + constants.signals[killedBy as NodeJS.Signals])
    })
  })
}

function feed(child: ChildProcessWithoutNullStreams, content: Content | undefined): void {
  // A program that ends before it has read everything is no error; its code tells.
  child.stdin.on('error', () => {})
  child.stdin.end(isSecret(content) ? revealSecret(content) : content)
}

/** Reads everything, and keeps the beginning. */
function keep(stream: Readable, limit: number, encoding: BufferEncoding = 'utf8'): () => string {
  const chunks: Buffer[] = []
  let left = limit
  stream.on('error', () => {})
  stream.on('data', (chunk: Buffer) => {
    if (left <= 0) return
    chunks.push(chunk.subarray(0, left))
    left -= chunk.length
  })
  return () => Buffer.concat(chunks).toString(encoding)
}

function endGroup(child: ChildProcessWithoutNullStreams): void {
  kill(child, 'SIGTERM')
  // Also when the program itself has ended by then: what it started may not have.
  const later = setTimeout(() => kill(child, 'SIGKILL'), GRACE)
  child.once('close', () => {
    clearTimeout(later)
    kill(child, 'SIGKILL')
  })
}

function kill({ pid }: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Nothing is left of it.
  }
}

function notStarted(program: string, cause: NodeJS.ErrnoException): ChaosError {
  const missing = cause.code === 'ENOENT'
  return new ChaosError(missing ? 'PROGRAM_MISSING' : 'PROGRAM_FAILED', {
    message: missing ? `The program ${program} is not there.` : `The program ${program} could not be started: ${cause.message}`,
    hint: missing ? `Install it on this machine, or add its folder to PATH.` : 'Check that it may be run, and that its arguments are not too long.',
    details: { program },
    cause,
  })
}

function tooSlow(program: string, timeout: number): ChaosError {
  return new ChaosError('PROGRAM_TIMEOUT', { message: `The program ${program} did not end within ${timeout} seconds, and was ended.`, hint: 'Run it by hand to see what it waits for.', details: { program, timeout } })
}

function interrupted(program: string): ChaosError {
  return new ChaosError('INTERRUPTED', { message: `The program ${program} was interrupted.`, details: { program } })
}
