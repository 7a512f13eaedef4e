import { ChaosError, sh } from '@chaos/core'
import type { Connection, Elevation } from '@chaos/core'
import { sendContent } from './content.ts'
import type { Answer, Part, PartAnswer, Request, Session, SessionOptions } from './contract.ts'
import { elevationKey } from './elevation.ts'
import { frameOf } from './frame.ts'
import type { Job } from './job.ts'
import type { Left } from './left.ts'
import { readFrom } from './read.ts'
import { newNonce } from './shell.ts'
import type { RunFrame, Shell } from './shell.ts'
import { createStarter } from './start.ts'

/** One user's place in a session: a shell that is started when it is needed, and what runs and waits there. */
interface Lane {
  readonly as: Elevation
  shell: Shell | undefined
  left: Left | undefined
  job: Job | undefined
  queue: Promise<unknown>
}

/**
 * A session on an open connection; shells are started by the first request to their user, and again when they were lost.
 * Requests to the same user run one after another. Closing the session closes the connection.
 */
export async function openSession(connection: Connection, options: SessionOptions): Promise<Session> {
  const lanes = new Map<string, Lane>()
  const start = createStarter(connection, options)
  let exchanges = 0
  let closed = false

  const laneOf = (as: Elevation): Lane => {
    const key = elevationKey(as)
    const lane = lanes.get(key) ?? { as, shell: undefined, left: undefined, job: undefined, queue: Promise.resolve() }
    lanes.set(key, lane)
    return lane
  }

  const inTurn = <T>(lane: Lane, work: () => Promise<T>): Promise<T> => {
    const turn = lane.queue.then(work, work)
    lane.queue = turn.catch(() => {})
    return turn
  }

  const run = (lane: Lane, { parts, stopAtFailure = false, signal, stop }: Omit<Request, 'as'>, sink?: RunFrame['sink']) =>
    inTurn(lane, async (): Promise<readonly PartAnswer[]> => {
      if (closed) throw new ChaosError('SESSION_CLOSED', { message: `The session with ${options.host} is closed.`, host: options.host })
      const anySignal = [signal, options.signal].filter((each) => each !== undefined)
      const either = anySignal.length > 1 ? AbortSignal.any(anySignal) : anySignal[0]
      if (either?.aborted || stop?.aborted) return parts.map(() => ({ state: 'skipped' as const }))
      const nonce = newNonce()
      const frame = frameOf(nonce, parts, stopAtFailure)
      if (!lane.shell?.alive) lane.shell = await start(lane.as)
      const brings = connection.writeFile && elevationKey(lane.as) === '' ? { writeFile: connection.writeFile.bind(connection) } : undefined
      try {
        return await lane.shell.run({
          nonce,
          frame,
          parts,
          stopAtFailure,
          signal: either,
          stop,
          sink,
          started: (job) => {
            lane.job = job
          },
          gate: (index, job, process, drop) => {
            const part = parts[index]
            const write = frame.gates.get(index)
            if (part?.kind !== 'write' || !write) return
            exchanges += 1
            const remove = (path: string) => void run(lane, { parts: [removal(path)] }).catch(() => {})
            void sendContent({ part, write, job, process, drop, connection: brings, remove })
          },
        })
      } finally {
        lane.left = lane.shell.left ?? lane.left
        lane.job = undefined
      }
    })

  return {
    get exchanges() {
      return exchanges
    },
    exchange: async (requests) => {
      // Two requests to one user leave one after the other.
      const counts = new Map<string, number>()
      for (const { as } of requests) counts.set(elevationKey(as), (counts.get(elevationKey(as)) ?? 0) + 1)
      exchanges += Math.max(0, ...counts.values())
      const settled = await Promise.allSettled(requests.map((request) => run(laneOf(request.as), request)))
      return settled.map((each): Answer => {
        if (each.status === 'rejected') throw each.reason
        return each.value
      })
    },
    read: (path, as) => {
      exchanges += 1
      const brings = connection.readFile && elevationKey(as) === '' ? connection.readFile.bind(connection) : undefined
      return readFrom({ path, host: options.host, readFile: brings, run: (part, signal, sink) => run(laneOf(as), { parts: [part], signal }, sink) })
    },
    left: (as) => laneOf(as).left,
    close: async (outcome) => {
      if (closed) return
      const idle = [...lanes.values()].every(({ job }) => job === undefined)
      for (const { job } of lanes.values()) job?.end('aborted')
      await Promise.all([...lanes.values()].map(({ queue }) => queue))
      closed = true
      if (idle && connection.leave) return connection.leave({ outcome })
      await Promise.all([...lanes.values()].map(async ({ shell }) => shell?.close()))
      await connection.close({ outcome })
    },
  }
}

function removal(path: string): Part {
  return { kind: 'command', trusted: true, command: sh`rm -f -- ${path}` }
}
