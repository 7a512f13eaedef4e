import { isChaosError } from '@chaos/core'
import type { Command, Connection, ConnectorContext } from '@chaos/core'
import { httpEngine } from '@chaos/containers'
import type { Engine } from '@chaos/containers'
import { atOnce } from '../engine/at-once.ts'
import type { AtOnce } from '../engine/at-once.ts'
import { holdService } from './hold.ts'

/**
 * Programs of podman that run at once beside a service: over ssh each is a session, sshd gives ten to a connection, and our ssh opens another
 * one for the fifth.
 */
const PROGRAMS = 3

/** A service of podman that several containers of a machine share. */
export interface Service {
  readonly engine: Pick<Engine, 'container' | 'exec'>
  /** For what is done by podman's program: none of it takes long, and its containers share what it needs. */
  readonly programs: AtOnce
  /** It does not answer any more: who comes from now on gets another one. */
  forget(): void
  /** Gives it back; the last one ends it. */
  release(): Promise<void>
}

export interface ServiceOptions {
  readonly base: Connection
  readonly podman: Command
  /** What podman is to people: `podman of this machine`. */
  readonly place: string
  /** Of a service that is there; undefined = one is started. */
  readonly socket: string | undefined
  readonly cache: ConnectorContext['cache']
}

interface Opened {
  readonly engine: Engine
  readonly close: () => Promise<void>
}

interface Entry {
  readonly opening: Promise<Opened | undefined>
  readonly programs: AtOnce
  users: number
}

/** The service of a machine, for this run. Undefined where there can be none: its podman has none, or what leads there has no tunnels. */
export async function sharedService({ cache, ...options }: ServiceOptions): Promise<Service | undefined> {
  const { base, podman } = options
  if (base.dial === undefined) return undefined
  // By the connection itself: the same name of a machine may stand for several users.
  const machines = await cache('podman services', async () => new WeakMap<Connection, Map<string, Entry>>())
  const entries = machines.get(base) ?? new Map<string, Entry>()
  machines.set(base, entries)
  const entry = entries.get(podman.text) ?? { opening: openService(options), programs: atOnce(PROGRAMS), users: 0 }
  entries.set(podman.text, entry)
  entry.users++
  const opened = await entry.opening
  if (!opened) return undefined
  const forget = (): void => {
    if (entries.get(podman.text) === entry) entries.delete(podman.text)
  }
  let released: Promise<void> | undefined
  const release = async (): Promise<void> => {
    if (--entry.users > 0) return
    forget()
    await opened.close()
  }
  return { engine: opened.engine, programs: entry.programs, forget, release: () => (released ??= release()) }
}

async function openService({ base, podman, place, socket }: Omit<ServiceOptions, 'cache'>): Promise<Opened | undefined> {
  const held = await holdService({ base, podman, socket })
  if (!held) return undefined
  const dial = (base.dial as NonNullable<Connection['dial']>).bind(base)
  try {
    const engine = await httpEngine({ program: 'podman', place: `the service of ${place}`, dial: () => dial({ path: held.path }), onExec: held.ran })
    return {
      engine,
      async close() {
        await engine.close()
        await held.release()
      },
    }
  } catch (error) {
    await held.release()
    // The machine may let nobody dial its sockets. What podman itself does not say is for its program to say.
    if (isChaosError(error)) return undefined
    throw error
  }
}
