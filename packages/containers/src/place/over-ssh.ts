import { ChaosError } from '@chaos/core'
import type { HostReference } from '@chaos/core'
import type { EnginePlace } from './contract.ts'

/** A host, an address in brackets too, and what follows its colon: a name of an image may have colons of its own. */
const HOST_AND_NAME = /^((?:[^/:@]+@)?(?:\[[^\]/]*\]|[^/:[\]]+)):(.+)$/

/** A name or an address, as ssh takes it. */
const HOST = /^[^\s/@[\]]+$/

type SshPlace = Extract<EnginePlace, { kind: 'ssh' }>

/** An engine, for hosts that stand on an ssh: `@ssh/HOST/@docker/NAME`. */
export interface StackedEngine {
  /** The connector of the engine: `docker`. */
  readonly engine: string
  /** The host data that say where its socket is. */
  readonly socketData: (path: string) => Readonly<Record<string, unknown>>
}

export interface OverSsh extends StackedEngine {
  /** The connector whose name is written: `dockerssh`. */
  readonly connector: string
  /** The place that counts where no host is named. */
  readonly place: () => Promise<EnginePlace | undefined>
  /** Where that is from, for people: `DOCKER_HOST`. */
  readonly source: string
  /** All data of the host that is written. */
  readonly hostData: Readonly<Record<string, unknown>>
}

/**
 * `@dockerssh/HOST:NAME` becomes `@ssh/HOST/@docker/NAME`. Without a host it is the `ssh_hostname` of the host's data, or else the ssh host of
 * the engine that is used otherwise.
 */
export async function expandOverSsh(argument: string, { connector, place: findPlace, source, hostData, ...stacked }: OverSsh): Promise<HostReference> {
  const [, host, name] = HOST_AND_NAME.exec(argument) ?? []
  if (host !== undefined && name !== undefined) return { name: stackedName(stacked, host, name) }
  // A colon without a host in front or a name behind; in a name with a slash it is that of a tag.
  const named = argument !== '' && (!argument.includes(':') || argument.includes('/'))
  const { ssh_hostname: written } = hostData
  if (named && typeof written === 'string' && HOST.test(written)) return { name: stackedName(stacked, written.includes(':') ? `[${written}]` : written, argument) }
  const place = named ? await findPlace() : undefined
  if (place?.kind === 'ssh') return onSsh(stacked, place, argument)
  const example = named ? argument : 'NAME'
  throw new ChaosError(`${connector.toUpperCase()}_HOST`, {
    message: named ? `No host is named, and ${source} has none that is reached by ssh.` : 'A host and a container must be named.',
    hint: `Write @${connector}/HOST:${example}. Or @${connector}/${example} where the host's data have ssh_hostname, or ${source} is ssh://USER@HOST.`,
    host: `@${connector}${argument === '' ? '' : `/${argument}`}`,
    details: { retry: false },
  })
}

/** A container of an engine that is on the machine which an ssh reaches. */
export function onSsh(stacked: StackedEngine, { host, port, user, path }: SshPlace, name: string): HostReference {
  return {
    name: stackedName(stacked, host, name),
    data: {
      ...(port === undefined ? {} : { ssh_port: port }),
      ...(user === undefined ? {} : { ssh_user: user }),
      ...(path === undefined ? {} : stacked.socketData(path)),
    },
  }
}

function stackedName({ engine }: StackedEngine, host: string, name: string): string {
  // At the beginning of a part of the name an @ would start a layer.
  return `@ssh/${host}/@${engine}${name === '' ? '' : `/${name.replaceAll(/(^|\/)@/g, '$1%40')}`}`
}
