import { ChaosError, sh } from '@chaos/core'
import type { Command, Connection, ConnectorContext, Target } from '@chaos/core'
import { openContainer } from '@chaos/containers'
import { containerOptions } from '@chaos/containers/keys'
import { podmanEngine } from './engine/engine.ts'
import type { Data } from './schema.ts'

/** Opens the container that a host's name names. */
export async function open({ host, argument, data, below }: Target, context: ConnectorContext): Promise<Connection> {
  if (argument === '') {
    throw new ChaosError('CONNECTOR_ARGUMENT', { message: `${host} does not say which container or image.`, hint: 'Write @podman/NAME.', host, details: { retry: false } })
  }
  const machine = below.at(-1) ?? 'this machine'
  return openContainer({
    engine: podmanEngine({ base: context.base, podman: programOf(data), place: `podman of ${machine}` }),
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
