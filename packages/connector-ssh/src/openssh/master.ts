import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { ConnectorContext, Target } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import { timedOut } from '../client/errors.ts'
import type { Place } from '../client/errors.ts'
import { readKnownHosts } from '../known-hosts/read.ts'
import type { Settings } from '../settings/contract.ts'
import { createAskpass } from './askpass.ts'
import { loginFailure, tooOld } from './failure.ts'
import { MuxUnsupported, openMux } from './mux/mux.ts'
import type { Mux } from './mux/mux.ts'
import { checkKeeping, learnKept, mayBeNew } from './new-host.ts'
import { destination, percent, sshArguments } from './options.ts'
import { createSaid } from './said.ts'
import type { Said } from './said.ts'
import { WATCH } from './watch.ts'

/** How often the control socket is looked for once ssh is logged in, and how long ssh may take to end. Milliseconds. */
const LOOK = 5
const GRACE = 3_000

/** One `ssh` in the foreground that holds a connection, and the way into it. */
export interface Master {
  readonly mux: Mux
  readonly socket: string
  /** What ssh said when it ended, without a full stop; undefined when it said nothing. */
  lastWords(): Promise<string | undefined>
  close(): Promise<void>
}

export interface MasterInput {
  readonly settings: Settings
  readonly target: Target
  readonly context: ConnectorContext
  readonly folder: string
  /** Tells the masters in one folder apart. */
  readonly number: number
  /** A shell text whose stdin and stdout are the way there; undefined = ssh dials. */
  readonly proxy: string | undefined
}

/** Connects and logs in, once. */
export async function startMaster({ settings, target, context, folder, number, proxy }: MasterInput): Promise<Master> {
  const place: Place = { settings, target }
  const hosts = await readKnownHosts(settings, context)
  const { password, keyPassword } = settings
  const asks = password !== undefined || keyPassword !== undefined
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  const askpass = asks ? await createAskpass({ folder, name: String(number), password, keyPassword, again: stop }) : undefined
  const isNew = mayBeNew(place, hosts)
  if (isNew) await checkKeeping(place)
  const socket = join(folder, `m${number}`)
  const said = createSaid()
  const options = sshArguments(settings, { strict: isNew ? 'accept-new' : 'yes', asks, proxy: proxy === undefined ? undefined : percent(proxy) })
  const argv = ['ssh', '-N', '-M', '-S', percent(socket), '-o', 'ControlPersist=no', ...options, '--', destination(settings, target)]
  const child = await start(place, folder, argv, askpass?.program)
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => said.hear(chunk))
  const ended = once(child, 'exit')
  const close = async (): Promise<void> => {
    child.stdin?.end('end\n')
    const quick = await Promise.race([ended.then(() => true), wait(GRACE, false, { ref: false })])
    if (!quick) kill(child)
    await ended
  }
  context.signal.addEventListener('abort', stop, { once: true })
  try {
    if (!(await cameUp({ child, said, socket, seconds: settings.connectTimeout, stopping: stopping.signal }))) {
      context.signal.throwIfAborted()
      const late = !child.stderr.closed && !stopping.signal.aborted
      await close()
      if (!late) throw loginFailure({ place, said, known: hosts, askpass, again: stopping.signal.aborted }, child.exitCode)
      throw timedOut(place, said.key === undefined ? 'it did not answer' : 'the login was not over')
    }
    if (isNew) await learnKept(place, context)
    const mux = await enter(place, socket)
    const before = said.lines.length
    const lastWords = async (): Promise<string | undefined> => {
      if (!child.stderr.closed) await Promise.race([once(child.stderr, 'close'), wait(GRACE, undefined, { ref: false })])
      return said.lines.slice(before).at(-1)?.replace(/\.$/, '')
    }
    return { mux, socket, close, lastWords }
  } catch (error) {
    await close()
    throw error
  } finally {
    context.signal.removeEventListener('abort', stop)
    await askpass?.close()
  }
}

type Child = ChildProcess & { readonly stderr: Readable }

async function start({ settings, target }: Place, folder: string, argv: readonly string[], askpass: string | undefined): Promise<Child> {
  const asks = askpass === undefined ? {} : { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: process.env['DISPLAY'] ?? ':0' }
  // A session of its own: no terminal for ssh to ask on, and no Ctrl-C before chaos has closed what it has open.
  const child = spawn('/bin/sh', ['-c', WATCH, 'sh', folder, ...argv], { detached: true, stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C', ...asks } })
  child.stdin.on('error', () => {})
  try {
    await once(child, 'spawn')
    return child
  } catch (cause) {
    throw new ChaosError('SPAWN_FAILED', {
      message: `This machine could not start ssh for ${settings.name}: ${(cause as Error).message}.`,
      hint: 'Look at the limits of this user (ulimit -u, ulimit -n) and that /bin/sh is there.',
      host: target.host,
      cause,
    })
  }
}

interface Coming {
  readonly child: Child
  readonly said: Said
  readonly socket: string
  readonly seconds: number
  readonly stopping: AbortSignal
}

/** Waits for the control socket, which ssh makes when it is logged in. False = ssh has ended, was stopped, or took too long. */
async function cameUp({ child, said, socket, seconds, stopping }: Coming): Promise<boolean> {
  const over = new AbortController()
  const end = (): void => over.abort()
  const timer = seconds > 0 ? setTimeout(end, seconds * 1000) : undefined
  // Its last words are read before it is judged.
  child.stderr.once('close', end)
  stopping.addEventListener('abort', end, { once: true })
  if (stopping.aborted) end()
  try {
    while (!over.signal.aborted) {
      if (said.authenticated && existsSync(socket)) return true
      const heard = said.authenticated ? wait(LOOK, undefined, { signal: over.signal }) : once(child.stderr, 'data', { signal: over.signal })
      await heard.catch(() => {})
    }
    return false
  } finally {
    clearTimeout(timer)
    stopping.removeEventListener('abort', end)
  }
}

async function enter(place: Place, socket: string): Promise<Mux> {
  try {
    return await openMux(socket)
  } catch (cause) {
    if (cause instanceof MuxUnsupported) throw tooOld(place)
    throw new ChaosError('CONNECT_CLOSED', { message: `ssh logged in to ${place.settings.name} and ended at once.`, hint: 'See what its sshd logs.', host: place.target.host, cause })
  }
}

function kill(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
