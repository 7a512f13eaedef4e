import type { HostReference } from '@chaos/core'
import { findPlace, onSsh } from '@chaos/containers'
import type { Data } from './schema.ts'

/** The engine of DOCKER_HOST=ssh://… stands on that machine: our own connection goes there, with its host keys checked. */
export async function expand(argument: string, { docker_socket: socket }: Data): Promise<HostReference> {
  const place = socket === undefined ? await findPlace() : undefined
  if (place?.kind === 'ssh') return onSsh({ engine: 'docker', socketData: (path) => ({ docker_socket: path }) }, place, argument)
  return { name: argument === '' ? '@docker' : `@docker/${argument}` }
}
