import { ChaosError } from '@chaos/core'
import { placeName } from '../errors.ts'
import type { Place } from '../errors.ts'
import type { Link } from '../link/contract.ts'

/** Session channels on one connection. sshd has 10 by default (MaxSessions), and notices the end of one late. */
const CHANNELS = 4
/** Connections that may refuse a channel, one after another, before it is an error. */
const REFUSALS = 3

/** A place for a session channel. */
export interface Slot {
  readonly link: Link
  /** The channel has been closed. */
  release(): void
}

export interface Budget {
  /** Opens a session channel where there is room: on a further connection when all that are open are full, never by waiting. */
  open<T>(start: (slot: Slot) => Promise<T>): Promise<T>
  /** Connections that are open. */
  links(): Link[]
  /** Ends all of them, and those that are being opened. */
  close(): Promise<void>
}

interface Entry {
  readonly opening: Promise<Link>
  link: Link | undefined
  used: number
  /** It refused a channel, and none of its channels has been closed since. */
  full: boolean
}

/** The connections to one host. `another` opens a further one. */
export function createBudget(first: Link, another: () => Promise<Link>): Budget {
  const entries = new Set<Entry>()
  let lost: ChaosError | undefined
  let closed = false

  const add = (opening: Promise<Link>, link?: Link): Entry => {
    const entry: Entry = { opening, link, used: 0, full: false }
    entries.add(entry)
    const forget = (why: ChaosError): void => {
      entries.delete(entry)
      if (entries.size === 0) lost = why
    }
    opening.then(
      (opened) => {
        entry.link = opened
        opened.onLost(forget)
        if (closed) void opened.end()
      },
      () => entries.delete(entry),
    )
    return entry
  }
  add(Promise.resolve(first), first)

  async function take(): Promise<{ entry: Entry; slot: Slot }> {
    if (lost) throw lost
    const entry = [...entries].find(({ used, full }) => used < CHANNELS && !full) ?? add(another())
    entry.used++
    let given = false
    const release = (): void => {
      if (given) return
      given = true
      entry.used--
      entry.full = false
    }
    try {
      return { entry, slot: { link: await entry.opening, release } }
    } catch (error) {
      release()
      throw error
    }
  }

  return {
    async open(start) {
      for (let refusals = 1; ; refusals++) {
        const { entry, slot } = await take()
        try {
          return await start(slot)
        } catch (error) {
          slot.release()
          if (!(error instanceof ChannelRefused) || slot.link.gone !== undefined || refusals >= REFUSALS) throw error
          // It takes fewer than we thought, or has not noticed yet that one has ended.
          entry.full = true
        }
      }
    },
    links: () => [...entries].flatMap(({ link }) => link ?? []),
    async close() {
      closed = true
      await Promise.all([...entries].map(({ opening }) => opening.then((link) => link.end(), () => {})))
    },
  }
}

/** A channel that the server did not open; nothing of a command was sent. */
export class ChannelRefused extends ChaosError {
  constructor({ settings, target }: Place, cause: Error) {
    super('SPAWN_FAILED', {
      message: `${placeName(settings)} opened no session: ${cause.message.replace(/^\(SSH\) Channel open failure: ?/, '')}.`,
      hint: 'See MaxSessions in its sshd_config, and what its sshd logs.',
      host: target.host,
      cause,
    })
  }
}
