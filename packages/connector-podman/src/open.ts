import { ChaosError, sh } from '@chaos/core'
import type { Command, Connection, ConnectorContext, Target } from '@chaos/core'
import { openContainer } from '@chaos/containers'
import { containerOptions } from '@chaos/containers/keys'
import { podmanEngine } from './engine/engine.ts'
import type { Data } from './schema.ts'
import { sharedService } from './service/share.ts'
import { throughService } from './service/through-service.ts'

/** Opens the container that a host's name names. */
export async function open({ host, argument, data, below }: Target, context: ConnectorContext): Promise<Connection> {
  if (argument === '') {
    throw new ChaosError('CONNECTOR_ARGUMENT', { message: `${host} does not say which container or image.`, hint: 'Write @podman/NAME.', host, details: { retry: false } })
  }
  const place = `podman of ${below.at(-1) ?? 'this machine'}`
  const { base, cache } = context
  const podman = programOf(data)
  const { podman_url: url } = data as Data
  // What is at a port somewhere is asked by podman's own program.
  const service = url?.startsWith('tcp:') ? undefined : await sharedService({ base, podman, place, socket: url?.slice('unix://'.length), cache })
  const engine = podmanEngine({ base, podman, place, programs: below.length === 0 ? undefined : service?.programs })
  return openContainer({
    engine: service ? throughService(engine, service) : engine,
    name: [...below, host].join(' '),
    reference: argument,
    context,
    options: containerOptions('podman', data),
  })
}

/** The program with the options that all its commands take. */
function programOf({ podman_root: root, podman_runroot: runroot, podman_url: url }: Data): Command {
  const options = [...option('--root', root), ...option('--runroot', runroot), ...(url === undefined ? [] : ['--remote', '--url', url])]
  return options.length === 0 ? sh`podman` : sh`podman ${options}`
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value]
}
