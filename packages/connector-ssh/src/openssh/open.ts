import type { Duplex } from 'node:stream'
import type { Command, ConnectorContext, Process, SpawnOptions, Target } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import type { SshConnection } from '../client/contract.ts'
import { connectionClosed, connectionLost, placeName } from '../client/errors.ts'
import type { Place } from '../client/errors.ts'
import type { Settings } from '../settings/contract.ts'
import type { Master } from './master.ts'
import { createMasters } from './masters.ts'
import type { Masters, Seat } from './masters.ts'
import { endProcesses } from './mux/end-groups.ts'
import { ChannelRefused, PROHIBITED } from './mux/mux.ts'
import { ProcessRefused, startProcess } from './mux/process.ts'
import type { RemoteProcess } from './mux/process.ts'
import { openTunnel } from './mux/tunnel.ts'
import { openRoad } from './road.ts'

/**
 * A connection by the system's `ssh`, for what ssh2 lacks: certificates, FIDO keys, GSSAPI. One ssh in the foreground per
 * four sessions; commands and tunnels travel through its control socket, so that no other program runs for them.
 */
export async function openOpenssh(settings: Settings, target: Target, context: ConnectorContext): Promise<SshConnection> {
  const place: Place = { settings, target }
  if (process.platform === 'win32') throw unsupported(place)
  const road = await openRoad(settings, target, context)
  try {
    const masters = createMasters(place, await road.master(), road.master)
    return connectionOf(place, masters, road.close)
  } catch (error) {
    await road.close()
    throw error
  }
}

function connectionOf(place: Place, masters: Masters, remove: () => Promise<void>): SshConnection {
  const { settings, target } = place
  const running = new Map<RemoteProcess, Master>()
  let closing: Promise<void> | undefined

  async function start(text: string, terminal: boolean): Promise<{ process: RemoteProcess; seat: Seat }> {
    for (;;) {
      const seat = await masters.seat()
      try {
        return { seat, process: await startProcess(seat.master.mux, { text, terminal, forwardAgent: settings.forwardAgent !== undefined }) }
      } catch (error) {
        if (error instanceof ChannelRefused && seat.refused()) continue
        seat.free()
        if (error instanceof ChannelRefused || error instanceof ProcessRefused) throw spawnFailed(place, error)
        throw connectionLost(place, seat.master.lastWords() ?? (error as Error).message, error)
      }
    }
  }

  async function spawn({ text }: Command, { signal, terminal = false }: SpawnOptions = {}): Promise<Process> {
    if (closing !== undefined) throw connectionClosed(place)
    signal?.throwIfAborted()
    const { process, seat } = await start(text, terminal)
    running.set(process, seat.master)
    let ending: Promise<void> | undefined
    const onAbort = (): void => void (ending ??= endProcesses(seat.master.mux, [process]))
    void process.closed.then(() => {
      running.delete(process)
      seat.free()
    })
    const exit = process.exit.then(
      async (end) => {
        signal?.removeEventListener('abort', onAbort)
        // Whoever waits for the exit after an abort may rely on it that nothing is left.
        await ending
        return end
      },
      (error: unknown) => {
        signal?.removeEventListener('abort', onAbort)
        throw closing === undefined ? connectionLost(place, seat.master.lastWords() ?? (error as Error).message, error) : connectionClosed(place)
      },
    )
    exit.catch(() => {})
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, exit }
  }

  async function dial(to: { host: string; port: number } | { path: string }): Promise<Duplex> {
    if (closing !== undefined) throw connectionClosed(place)
    const name = 'path' in to ? to.path : `${to.host}:${to.port}`
    const { mux, lastWords } = masters.first()
    try {
      return await ('path' in to ? openTunnel(mux, 'direct-streamlocal@openssh.com', [to.path, '', 0]) : openTunnel(mux, 'direct-tcpip', [to.host, to.port, '127.0.0.1', 0]))
    } catch (cause) {
      if (!(cause instanceof ChannelRefused)) throw connectionLost(place, lastWords() ?? (cause as Error).message, cause)
      throw new ChaosError('DIAL_FAILED', {
        message: `${placeName(settings)} cannot reach ${name}: ${cause.message}.`,
        hint:
          cause.reason === PROHIBITED
            ? 'Its sshd does not let tunnels through: see AllowTcpForwarding, AllowStreamLocalForwarding and PermitOpen.'
            : 'See whether something listens there.',
        host: target.host,
        details: { place: name },
        cause,
      })
    }
  }

  async function end(): Promise<void> {
    const on = (wanted: Master): RemoteProcess[] => [...running].filter(([, master]) => master === wanted).map(([process]) => process)
    await Promise.all([...new Set(running.values())].map((master) => endProcesses(master.mux, on(master))))
    await masters.close()
    await remove()
  }
  return { spawn, dial, close: () => (closing ??= end()) }
}

function spawnFailed({ settings, target }: Place, cause: Error): ChaosError {
  return new ChaosError('SPAWN_FAILED', {
    message: `${placeName(settings)} starts no command: ${cause.message}.`,
    hint: 'Look at MaxSessions, PermitTTY and ForceCommand in its sshd_config, and at the login shell of the user.',
    host: target.host,
    cause,
  })
}

function unsupported({ settings, target }: Place): ChaosError {
  return new ChaosError('SSH_TRANSPORT', {
    message: `${settings.name} asks for ssh_transport: openssh, but the ssh of Windows shares no connections (ControlMaster).`,
    hint: 'Leave ssh_transport out, or run chaos in WSL.',
    host: target.host,
    details: { retry: false },
  })
}
