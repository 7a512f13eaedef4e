import type { Connection, ConnectorContext } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import type { ContainerState, Engine } from '../engine/contract.ts'
import { inside } from '../process/spawn.ts'
import type { ContainerOptions } from './contract.ts'
import { find } from './find.ts'
import { startFrom } from './start.ts'

export interface OpenContainer {
  readonly engine: Engine
  /** Name or id of a container, or an image. */
  readonly reference: string
  readonly options: ContainerOptions
  readonly context: Pick<ConnectorContext, 'report' | 'signal'>
}

type Close = Connection['close']

/**
 * Opens a container. One that is there is used as it is, and left as it was. Otherwise one is started from an image; it is
 * gone at the end, and an image is made of it if all went well. Closes the engine with the connection.
 */
export async function openContainer({ engine, reference, options, context }: OpenContainer): Promise<Connection> {
  try {
    const found = await find(engine, reference, options, context.signal)
    const { id, label, finish } =
      'container' in found ? await useContainer(engine, found.container, options) : await startFrom({ engine, image: found.image, reference, options, report: context.report })
    const { spawn, end } = inside({ engine, id, label, user: options.user, env: options.env ?? {} })
    let closed: Promise<void> | undefined
    const close: Close = async (how) => {
      try {
        // What is gone with its container, or behind an engine that is gone, needs no end.
        await end().catch(() => {})
        await finish(how)
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
  /** Leaves the container as it is to be left. */
  readonly finish: Close
}

/** A container that is there: started if it was stopped, and stopped again. */
async function useContainer(engine: Engine, { id, name, running, paused }: ContainerState, { keepRunning = false }: ContainerOptions): Promise<Used> {
  const label = `the container ${name}`
  if (paused) {
    throw new ChaosError('CONTAINER_PAUSED', { message: `The container ${name} is paused.`, hint: `Let it go on: docker unpause ${name}.`, details: { retry: false } })
  }
  if (!running) await engine.start(id)
  return {
    id,
    label,
    async finish() {
      if (!running && !keepRunning) await engine.stop(id)
    },
  }
}
