import type { Connection, ConnectorContext } from '@chaos/core'
import { ChaosError, sh } from '@chaos/core'
import { lxcOf } from '../lxc.ts'
import type { Lxc } from '../lxc.ts'
import { inside } from '../process/inside.ts'
import { hasEnded, leftRunning, missing, noShell, notStarted, paused } from './errors.ts'

export interface OpenContainer {
  /** The whole name of the host. */
  readonly host: string
  readonly name: string
  readonly path: string | undefined
  /** Whether a container that was stopped stays running afterwards. */
  readonly keepRunning: boolean
  readonly sudo: boolean
  readonly context: Pick<ConnectorContext, 'base' | 'cache' | 'signal'>
}

/** What one run knows of a host's container, for when the connection is lost and opened again. */
interface Memory {
  /** It was stopped before the run, and is to be stopped again. */
  started: boolean
  /** It has been used; if it does not run any more, it is not started again. */
  used: boolean
}

/** Seconds a container may take to start or to end what it is doing, and to shut down before it is killed. */
const PATIENCE = 60
const SHUTDOWN = 10

/** Opens a container, and starts it if it was stopped; then it is stopped again at the end. */
export async function openContainer({ host, name, path, keepRunning, sudo, context: { base, cache, signal } }: OpenContainer): Promise<Connection> {
  signal.throwIfAborted()
  const lxc = lxcOf({ base, name, path, sudo })
  const memory = await cache<Memory>(`lxc ${host}`, async () => ({ started: false, used: false }))

  const leave = async (): Promise<void> => {
    if (!memory.started || keepRunning) return
    const said = await lxc.ask(lxc.command('lxc-stop', sh`-t ${SHUTDOWN}`))
    // One that has ended meanwhile is as it is to be.
    if (said.code !== 0 && (await lxc.state()).state !== 'STOPPED') throw leftRunning(host, name, said)
    memory.started = false
  }

  try {
    await makeRun(lxc, memory, { host, name, signal })
    const shell = await lxc.ask(lxc.command('lxc-attach', sh`--clear-env -- /bin/sh -c :`), signal)
    if (shell.code !== 0) throw noShell(host, name, shell)
  } catch (error) {
    await leave().catch(() => {})
    throw error
  }
  memory.used = true
  const { spawn, end } = inside({ base, lxc, host, whyGone: async () => ((await lxc.state()).state === 'RUNNING' ? undefined : hasEnded(host, name)) })
  const close = async (): Promise<void> => {
    // What is gone with its container needs no end.
    await end().catch(() => {})
    await leave().catch((cause: unknown) => {
      throw cause instanceof ChaosError ? cause : leftRunning(host, name, undefined, cause)
    })
  }
  let closed: Promise<void> | undefined
  return { spawn, close: () => (closed ??= close()) }
}

interface What {
  readonly host: string
  readonly name: string
  readonly signal: AbortSignal
}

async function makeRun(lxc: Lxc, memory: Memory, { host, name, signal }: What): Promise<void> {
  let { state, said } = await lxc.state(signal)
  if (state === 'STOPPING' || state === 'STARTING' || state === 'ABORTING') {
    await lxc.ask(lxc.command('lxc-wait', sh`-s 'RUNNING|STOPPED' -t ${PATIENCE}`), signal)
    ;({ state, said } = await lxc.state(signal))
  }
  if (state === undefined) throw missing(host, name, said, said.code === 127 ? [] : await lxc.names(signal))
  if (state === 'RUNNING') return
  if (memory.used) throw hasEnded(host, name)
  if (state !== 'STOPPED') throw paused(host, name, state)
  memory.started = true
  const started = await lxc.ask(lxc.command('lxc-start', sh`--daemon`), signal)
  if (started.code !== 0) throw notStarted(host, name, started)
}
