import type { Command, Process, SpawnOptions } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import { connectionClosed, connectionLost, placeName } from '../client/errors.ts'
import type { Place } from '../client/errors.ts'
import { endProcesses } from './end-processes.ts'
import type { Master } from './master.ts'
import type { Masters, Seat } from './masters.ts'
import { ChannelRefused } from './mux/mux.ts'
import { EndUnknown, ProcessRefused, startProcess } from './mux/process.ts'
import type { RemoteProcess } from './mux/process.ts'

/** Commands on the connections to one machine. */
export interface Sessions {
  spawn(command: Command, options?: SpawnOptions): Promise<Process>
  /** Ends all that runs; nothing is started after it. */
  close(): Promise<void>
}

export function createSessions(place: Place, masters: Masters): Sessions {
  const running = new Map<RemoteProcess, Master>()
  const forwardAgent = place.settings.forwardAgent !== undefined
  let closed = false

  async function start(text: string, terminal: boolean): Promise<{ process: RemoteProcess; seat: Seat }> {
    for (;;) {
      const seat = await masters.seat()
      try {
        return { seat, process: await startProcess(seat.master.mux, { text, terminal, forwardAgent }) }
      } catch (error) {
        if (error instanceof ChannelRefused && seat.refused()) continue
        seat.free()
        throw error instanceof ChannelRefused || error instanceof ProcessRefused ? refused(place, error) : await lost(place, seat.master, error)
      }
    }
  }

  /** On a channel beyond those of the budget, since sshd leaves room there; else on another connection. */
  async function runOn({ mux }: Master, text: string): Promise<void> {
    const { process, seat } = await startProcess(mux, { text, terminal: false, forwardAgent: false }).then(
      (started) => ({ process: started, seat: undefined }),
      () => start(text, false),
    )
    process.stdin.end()
    process.stdout.resume()
    process.stderr.resume()
    await process.closed
    seat?.free()
  }

  return {
    async spawn({ text }, { signal, terminal = false } = {}) {
      if (closed) throw connectionClosed(place)
      signal?.throwIfAborted()
      const { process, seat } = await start(text, terminal)
      running.set(process, seat.master)
      void process.closed.then(() => {
        running.delete(process)
        seat.free()
      })
      let ending: Promise<void> | undefined
      const onAbort = (): void => void (ending ??= endProcesses([process], (ender) => runOn(seat.master, ender)))
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
      const over = async (): Promise<void> => {
        signal?.removeEventListener('abort', onAbort)
        // Whoever waits for the exit after an abort may rely on it that nothing is left.
        await ending
      }
      const exit = process.exit.then(
        async (end) => {
          await over()
          return end
        },
        async (error: unknown) => {
          await over()
          if (error instanceof EndUnknown) {
            if (ending !== undefined || closed) return { code: null }
            throw connectionLost(place, error.message, error)
          }
          throw closed ? connectionClosed(place) : await lost(place, seat.master, error)
        },
      )
      exit.catch(() => {})
      return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, exit }
    },
    async close() {
      closed = true
      const on = (wanted: Master): RemoteProcess[] => [...running].filter(([, master]) => master === wanted).map(([process]) => process)
      await Promise.all([...new Set(running.values())].map((master) => endProcesses(on(master), (text) => runOn(master, text))))
    },
  }
}

/** A connection that went away, in ssh's own words where it said any. */
export async function lost(place: Place, master: Master, cause: unknown): Promise<ChaosError> {
  return connectionLost(place, (await master.lastWords()) ?? 'its ssh ended', cause)
}

function refused({ settings, target }: Place, cause: Error): ChaosError {
  return new ChaosError('SPAWN_FAILED', {
    message: `${placeName(settings)} starts no command: ${cause.message}.`,
    hint: 'Look at MaxSessions, PermitTTY and ForceCommand in its sshd_config, and at the login shell of the user.',
    host: target.host,
    cause,
  })
}
