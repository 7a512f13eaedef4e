import { isChaosError } from '@chaos/core'
import type { Engine } from '@chaos/containers'
import { withEnvironment } from '../engine/environment.ts'
import type { Service } from './share.ts'

/**
 * The same engine, with a service for what is done most: looking at containers, and running programs in them. Each costs a program less,
 * and over ssh a tunnel instead of a session, of which a connection has few. All else is as podman's program does it.
 */
export function throughService(engine: Engine, service: Service): Engine {
  const { container, exec } = service.engine
  const told = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (isChaosError(error) && error.code === 'ENGINE_UNREACHABLE') service.forget()
      throw error
    }
  }
  return {
    ...engine,
    container: (reference) => told(container(reference)),
    async exec(id, { env, ...options }) {
      const process = await withEnvironment({ ...options, env }, (argv) => told(exec(id, { ...options, argv })))
      const exit = told(process.exit)
      exit.catch(() => {})
      return { ...process, exit }
    },
    async close() {
      await engine.close()
      await service.release()
    },
  }
}
