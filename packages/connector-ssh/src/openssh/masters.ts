import { connectionLost } from '../client/errors.ts'
import type { Place } from '../client/errors.ts'
import type { Master } from './master.ts'

/** Sessions that one connection carries: sshd takes 10 by default, and frees them late. */
const SESSIONS = 4

/** A place for one session on a connection. */
export interface Seat {
  readonly master: Master
  /** Nothing runs there any more. */
  free(): void
  /** The host opened no session: it takes fewer of them than we thought. False when it takes none at all. */
  refused(): boolean
}

/** The connections to one machine: as many as the sessions that run at once need, opened one after another. */
export interface Masters {
  /** For tunnels, of which a connection carries any number. */
  first(): Master
  seat(): Promise<Seat>
  close(): Promise<void>
}

interface Held {
  readonly master: Master
  alive: boolean
  used: number
  limit: number
  served: boolean
}

export function createMasters(place: Place, first: Master, open: () => Promise<Master>): Masters {
  const held: Held[] = []
  let opening: Promise<void> | undefined
  let lost = 'its ssh ended'

  const add = (master: Master): void => {
    const entry: Held = { master, alive: true, used: 0, limit: SESSIONS, served: false }
    held.push(entry)
    void master.mux.closed.then(() => (entry.alive = false))
    void master.mux.closed.then(master.lastWords).then((words) => (lost = words ?? lost))
  }
  add(first)

  const firstAlive = (): Held => {
    const alive = held.find((each) => each.alive)
    if (alive === undefined) throw connectionLost(place, lost)
    return alive
  }

  return {
    first: () => firstAlive().master,
    async seat() {
      for (;;) {
        firstAlive()
        const free = held.find((each) => each.alive && each.used < each.limit)
        if (free !== undefined) return seatOn(free)
        // One after another, and never waited for a seat: handshakes side by side are what MaxStartups counts.
        opening ??= open().then(add).finally(() => (opening = undefined))
        await opening
      }
    },
    async close() {
      await opening?.catch(() => {})
      await Promise.all(held.map(({ master }) => master.close()))
    },
  }
}

function seatOn(entry: Held): Seat {
  entry.used += 1
  let free = false
  const giveBack = (): void => {
    if (!free) entry.used -= 1
    free = true
  }
  return {
    master: entry.master,
    free() {
      entry.served = true
      giveBack()
    },
    refused() {
      giveBack()
      entry.limit = entry.used
      return entry.served || entry.used > 0
    },
  }
}
