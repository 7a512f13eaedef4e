import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ConnectorContext, Target } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import { timedOut } from '../client/errors.ts'
import type { Settings } from '../settings/contract.ts'
import { wayFailure } from './failure.ts'
import { MuxUnsupported, openMux } from './mux/mux.ts'
import type { Mux } from './mux/mux.ts'
import { WATCH } from './watch.ts'
import { prepareWay } from './way.ts'
import type { Way } from './way.ts'

/** How often the control socket is looked for once ssh is logged in, and how long ssh may take to end. Milliseconds. */
const LOOK = 5
const GRACE = 3_000

/** One `ssh` in the foreground that holds a connection, and the way into it. */
export interface Master {
  readonly mux: Mux
  /** What ssh said last: why a connection was lost. */
  lastWords(): string | undefined
  close(): Promise<void>
}

export interface MasterInput {
  readonly settings: Settings
  readonly target: Target
  readonly context: ConnectorContext
  readonly folder: string
  /** Tells the masters in one folder apart. */
  readonly number: number
  readonly bridge: string | undefined
}

/** Connects and logs in. Rejects with the error of the first machine on the way that something is wrong with. */
export async function startMaster({ settings, target, context, folder, number, bridge }: MasterInput): Promise<Master> {
  const stopping = new AbortController()
  const name = `${number}-`
  const way = await prepareWay({ settings, target, context, folder, name, bridge, known: number > 0, again: () => stopping.abort() })
  const socket = join(folder, `m${number}`)
  const child = start(way, folder, socket)
  const ended = once(child, 'exit')
  const close = async (): Promise<void> => {
    child.stdin?.end('end\n')
    const quick = await Promise.race([ended.then(() => true), wait(GRACE, false, { ref: false })])
    if (!quick) kill(child)
    await ended
  }
  const stop = (): void => stopping.abort()
  context.signal.addEventListener('abort', stop, { once: true })
  try {
    const mux = await connected({ child, way, socket, settings, target, stopping: stopping.signal })
    return { mux, close, lastWords: () => way.said.lines.at(-1) }
  } catch (error) {
    await close()
    throw error
  } finally {
    context.signal.removeEventListener('abort', stop)
    await way.quiet()
  }
}

function start(way: Way, folder: string, socket: string): ChildProcess {
  const argv = ['ssh', '-N', '-M', '-S', socket.replaceAll('%', '%%'), '-o', 'ControlPersist=no', ...way.options, '--', way.destination]
  // A session of its own: no terminal for ssh to ask on, and no Ctrl-C before chaos has closed what it has open.
  const child = spawn('/bin/sh', ['-c', WATCH, 'sh', folder, ...argv], { detached: true, stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, ...way.environment } })
  child.stdin?.on('error', () => {})
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => way.said.hear(chunk))
  return child
}

interface Connecting extends Pick<MasterInput, 'settings' | 'target'> {
  readonly child: ChildProcess
  readonly way: Way
  readonly socket: string
  readonly stopping: AbortSignal
}

/** Looks for the control socket, which ssh makes when it is logged in, until it is there or ssh has ended. */
async function connected({ child, way, socket, settings, target, stopping }: Connecting): Promise<Mux> {
  const legs = settings.jumps.length + 1
  const limit = settings.connectTimeout > 0 ? performance.now() + settings.connectTimeout * legs * 1000 : Infinity
  // Its last words are read before it is judged.
  const over = child.stderr === null ? Promise.resolve() : once(child.stderr, 'close')
  for (;;) {
    if (stopping.aborted || child.stderr?.closed === true) throw wayFailure(await way.legs(), child.exitCode)
    if (performance.now() > limit) throw timedOut({ settings, target }, 'it let nobody in')
    if (way.said.authenticated && existsSync(socket)) return enter(socket, settings, target)
    const news = new AbortController()
    await Promise.race([over, once(child.stderr!, 'data', { signal: news.signal }), aborted(stopping, news.signal), wait(way.said.authenticated ? LOOK : 200, undefined, { signal: news.signal })]).catch(() => {})
    news.abort()
  }
}

async function enter(socket: string, settings: Settings, target: Target): Promise<Mux> {
  try {
    return await openMux(socket)
  } catch (cause) {
    if (!(cause instanceof MuxUnsupported)) throw wayLost(settings, target, cause)
    throw new ChaosError('SSH_TOO_OLD', {
      message: `The ssh of this machine is too old to carry the connection to ${settings.name}.`,
      hint: 'Install OpenSSH 7.4 or later, or leave ssh_transport out.',
      host: target.host,
      details: { retry: false },
    })
  }
}

function wayLost(settings: Settings, target: Target, cause: unknown): ChaosError {
  return new ChaosError('SSH_PROTOCOL', { message: `ssh logged in to ${settings.name} and ended at once.`, hint: 'Try ssh itself.', host: target.host, cause })
}

async function aborted(signal: AbortSignal, done: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort', { signal: done })
}

function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
