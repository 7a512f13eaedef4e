import { once } from 'node:events'
import { connect } from 'node:net'
import { ChaosError } from '@chaos/core'
import type { Command, Connection, Process, SpawnOptions } from '@chaos/core'
import { endAll, send, startedBy, startShell } from './processes.ts'
import { incoming, outgoing } from './wire.ts'
import type { Wire } from './wire.ts'

export interface FakePlace {
  host: string
  folder: string
  env: Record<string, string>
  latency: number
}

export interface FakeConnection extends Connection {
  readonly wire: Wire
  /** Neither broken nor closed. */
  alive(): boolean
  /**
   * The network is gone: streams close, exits reject, later spawns are refused. What runs on the host sees only an end of its stdin;
   * with `unnoticed` not even that, as when a link goes down: it goes on as if somebody listened.
   */
  break(options?: { unnoticed?: boolean }): void
  /** Kills the shells, not the connection. */
  killShells(): void
}

/** Opens a connection to a fake host. `started` is told of each shell. */
export function openFake({ host, folder, env, latency }: FakePlace, started: () => void): FakeConnection {
  const running = new Map<number, { fail(error: Error, unnoticed: boolean): void; end(): Promise<void> }>()
  let closed: ChaosError | undefined
  const wire: Wire = { latency, allowance: Infinity, turns: 0, sent: false, broken: () => breakNow() }

  function breakNow({ unnoticed = false }: { unnoticed?: boolean } = {}): void {
    closed = new ChaosError('CONNECTION_LOST', { message: `The connection to ${host} was lost.`, host })
    for (const each of running.values()) each.fail(closed, unnoticed)
    running.clear()
  }

  async function spawn(command: Command, { signal, terminal = false }: SpawnOptions = {}): Promise<Process> {
    signal?.throwIfAborted()
    if (closed) throw closed
    const child = startShell(command.text, { cwd: folder, env, terminal })
    await once(child, 'spawn')
    started()
    const pid = child.pid as number
    const streams = { stdin: outgoing(wire), stdout: incoming(wire), stderr: incoming(wire) }
    // A shell that ends before it has read everything is no reason to crash.
    child.stdin.on('error', () => {})
    streams.stdin.pipe(child.stdin)
    child.stdout.pipe(streams.stdout)
    child.stderr.pipe(streams.stderr)
    let ending: Promise<void> | undefined
    const onAbort = (): void => void end()
    const known = new Set([pid])
    const end = (): Promise<void> => (ending ??= endAll(() => startedBy(known)))
    const exit = new Promise<Awaited<Process['exit']>>((resolve, reject) => {
      running.set(pid, {
        end,
        fail(error, unnoticed) {
          if (unnoticed) {
            streams.stdin.unpipe()
            for (const stream of [child.stdout, child.stderr]) stream.unpipe().resume()
          } else {
            child.stdin.end()
            child.stdout.destroy()
            child.stderr.destroy()
          }
          for (const stream of Object.values(streams)) stream.destroy()
          reject(error)
        },
      })
      child.once('exit', (code, killedBy) => {
        signal?.removeEventListener('abort', onAbort)
        // Whoever waits for the exit after an abort may rely on it that nothing is left.
        void Promise.resolve(ending).then(() => {
          running.delete(pid)
          setTimeout(() => resolve(killedBy === null ? { code } : { code, signal: killedBy }), wire.latency)
        })
      })
    })
    // Nobody may be waiting when the wire breaks.
    exit.catch(() => {})
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    return { ...streams, exit }
  }

  return {
    wire,
    alive: () => closed === undefined,
    spawn,
    async dial(to) {
      const socket = 'path' in to ? connect({ path: to.path }) : connect({ host: to.host, port: to.port })
      await once(socket, 'connect')
      return socket
    },
    async close() {
      closed ??= new ChaosError('CONNECTION_CLOSED', { message: `The connection to ${host} is closed.`, host })
      await Promise.all([...running.values()].map((each) => each.end()))
    },
    break: breakNow,
    killShells() {
      for (const pid of running.keys()) send(-pid, 'SIGKILL')
    },
  }
}
