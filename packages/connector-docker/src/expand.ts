import type { HostReference } from '@chaos/core'
import { findPlace } from '@chaos/containers'
import type { Data } from './schema.ts'

/** The engine of DOCKER_HOST=ssh://… stands on that machine: our own connection goes there, with its host keys checked. */
export async function expand(argument: string, { docker_socket: socket }: Data): Promise<HostReference> {
  const name = argument === '' ? '@docker' : `@docker/${argument}`
  const place = socket === undefined ? await findPlace() : undefined
  if (place?.kind !== 'ssh') return { name }
  const { host, port, user, path } = place
  return {
    name: `@ssh/${host}/${name}`,
    data: { ...(port === undefined ? {} : { ssh_port: port }), ...(user === undefined ? {} : { ssh_user: user }), ...(path === undefined ? {} : { docker_socket: path }) },
  }
}
