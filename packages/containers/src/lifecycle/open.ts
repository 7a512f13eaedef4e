import type { Connection, ConnectorContext } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import type { ContainerState, Engine } from '../engine/contract.ts'
import { whyGone } from '../process/gone.ts'
import { insideContainer } from '../process/spawn.ts'
import type { ContainerOptions } from './contract.ts'
import { find } from './find.ts'
import { memoryOf } from './memory.ts'
import type { Memory } from './memory.ts'
import { startFrom } from './start.ts'

export interface OpenContainer {
  readonly engine: Engine
  /** What it is called in this run, with all it stands on: opened again, it is the same. */
  readonly name: string
  /** Name or id of a container, or an image. */
  readonly reference: string
  readonly options: ContainerOptions
  readonly context: Pick<ConnectorContext, 'cache' | 'report' | 'signal'>
}

/**
 * Opens a container. One that is there is used as it is, and left as it was. Otherwise one is started from an image; it is
 * gone at the end, and an image is made of it if all went well. Opened again in the same run, after its connection was lost, a
 * host has the container it had. Closes the engine with the connection.
 */
export async function openContainer({ engine, name, reference, options, context }: OpenContainer): Promise<Connection> {
  try {
    const memory = await memoryOf(name, context.cache)
    const used = (await again(engine, memory)) ?? (await open({ engine, reference, options, context }))
    const { id, label } = used
    const { spawn, end } = insideContainer({ engine, id, label, user: options.user, env: options.env ?? {}, onGone: (error) => void (memory.ended = error) })
    let closed: Promise<void> | undefined
    const close: Connection['close'] = async (how) => {
      try {
        // What is gone with its container, or behind an engine that is out of reach, needs no end.
        await end().catch(() => {})
        await used.finish(engine, how)
      } catch (error) {
        memory.left = used
        throw error
      } finally {
        await engine.close()
      }
    }
    return { spawn, close: (how) => (closed ??= close(how)) }
  } catch (error) {
    await engine.close()
    throw error
  }
}

export interface Used {
  readonly id: string
  /** What it is to people: `the container web`. */
  readonly label: string
  /** Leaves the container as it is to be left, by an engine that can be reached. */
  readonly finish: (engine: Engine, ...how: Parameters<Connection['close']>) => Promise<void>
}

/** The container that this host had before. */
async function again(engine: Engine, memory: Memory): Promise<Used | undefined> {
  const { left } = memory
  delete memory.left
  if (memory.ended) {
    // Its connection is gone, so this is who tidies up.
    await left?.finish(engine, { outcome: 'failed' }).catch(() => {})
    throw memory.ended
  }
  const gone = left && (await whyGone(engine, left.id, left.label))
  if (gone) throw (memory.ended = gone)
  return left
}

async function open({ engine, reference, options, context }: Omit<OpenContainer, 'name'>): Promise<Used> {
  const found = await find(engine, reference, options, context.signal)
  if ('container' in found) return useContainer(engine, found.container, options)
  return startFrom({ engine, image: found.image, reference, options, report: context.report })
}

/** A container that is there: started if it was stopped, and stopped again. */
async function useContainer(engine: Engine, { id, name, running, paused }: ContainerState, { keepRunning = false }: ContainerOptions): Promise<Used> {
  if (paused) {
    throw new ChaosError('CONTAINER_PAUSED', { message: `The container ${name} is paused.`, hint: `Let it go on: ${engine.program} unpause ${name}.`, details: { retry: false } })
  }
  if (!running) await engine.start(id)
  return {
    id,
    label: `the container ${name}`,
    async finish(reached) {
      if (!running && !keepRunning) await reached.stop(id)
    },
  }
}
