import { ChaosError } from '@chaos/core'
import type { Connection, ConnectorContext, Target } from '@chaos/core'
import { DEFAULT_SOCKET, describePlace, findPlace, httpEngine, openContainer, placeDialer } from '@chaos/containers'
import { containerOptions } from '@chaos/containers/keys'
import type { EnginePlace } from '@chaos/containers'
import type { Data } from './schema.ts'

/** Opens the container that a host's name names. */
export async function open({ host, argument, data, below }: Target, context: ConnectorContext): Promise<Connection> {
  if (argument === '') {
    throw new ChaosError('CONNECTOR_ARGUMENT', { message: `${host} does not say which container or image.`, hint: 'Write @docker/NAME.', host, details: { retry: false } })
  }
  const options = data as Data
  const place = await placeOf(options.docker_socket, below)
  const engine = await httpEngine({ dial: await placeDialer(context.base, place), place: describePlace(place) })
  return openContainer({
    engine,
    name: [...below, host].join(' '),
    reference: argument,
    context,
    options: containerOptions('docker', options),
  })
}

/** What this machine's environment says holds for an engine that is reached from this machine, not for one of another. */
async function placeOf(socket: string | undefined, below: readonly string[]): Promise<Exclude<EnginePlace, { kind: 'ssh' }>> {
  if (socket !== undefined) return { kind: 'unix', path: socket }
  if (below.length > 0) return { kind: 'unix', path: DEFAULT_SOCKET }
  const place = await findPlace()
  if (place.kind !== 'ssh') return place
  throw new ChaosError('DOCKER_HOST', {
    message: `DOCKER_HOST or the docker context names ssh://${place.host}, which is a machine of its own.`,
    hint: `Write @ssh/${place.host}/@docker/NAME.`,
    details: { retry: false },
  })
}
