import { ChaosError } from '@chaos/core'

/** One connector of a host's name. */
export interface NamedLayer {
  readonly connector: string
  /** What follows the connector's name; empty for none. `%40` is already `@`. */
  readonly argument: string
}

/** Letters and digits of any language, and the signs that names of hosts, images, files and users need; nothing a shell acts on. */
const ALLOWED = /^[\p{L}\p{M}\p{N}._:@/+=,~%[\]-]*$/u
const CONNECTOR = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/**
 * Splits a host's name into layers: `@name` or `@name/argument`, split at the first `/`. A further `/@name`
 * starts a layer only if a connector of that name follows, and then `/` or the end; `/mnt/@home` is a path.
 * A name without `@` in front is an ssh host.
 */
export function parseHostName(name: string, isConnector: (name: string) => boolean): readonly NamedLayer[] {
  checkHostName(name)
  const layers = split(name, isConnector)
  for (const { connector, argument } of layers) {
    if (!CONNECTOR.test(connector)) throw refused(name, `"@${connector}" is not the name of a connector`, 'Names of connectors look like docker or my-cloud. A literal @ in front is written %40.')
    if (connector === 'ssh') checkAddress(name, argument)
  }
  return layers
}

/** Names that would start a layer if a connector of that name is there; what {@link parseHostName} will ask about. */
export function layerCandidates(name: string): readonly string[] {
  return [...name.matchAll(/(?:^|\/)@([^/]*)(?=\/|$)/g)].map((match) => match[1] as string).filter((each) => CONNECTOR.test(each))
}

/** The one way to write what a name means: `@ssh/db1` and `db1` are the same host. */
export function canonicalName(layers: readonly NamedLayer[]): string {
  return layers.map(({ connector, argument }) => `@${connector}${argument === '' ? '' : `/${argument.replaceAll('@', '%40')}`}`).join('/')
}

function split(name: string, isConnector: (name: string) => boolean): NamedLayer[] {
  const segments = name.split('/')
  const first = segments.shift() as string
  const layers: { connector: string; argument: string[] }[] = []
  if (first.startsWith('@')) layers.push({ connector: first.slice(1), argument: [] })
  else layers.push({ connector: 'ssh', argument: [first] })
  for (const segment of segments) {
    if (segment.startsWith('@') && isConnector(segment.slice(1))) layers.push({ connector: segment.slice(1), argument: [] })
    else layers.at(-1)?.argument.push(segment)
  }
  return layers.map(({ connector, argument }) => ({ connector, argument: argument.join('/').replaceAll('%40', '@') }))
}

function checkHostName(name: string): void {
  if (name === '') throw refused(name, 'it is empty', 'Write a host name, or @connector/argument.')
  if (name.length > 1000) throw refused(`${name.slice(0, 40)}…`, 'it is longer than 1000 characters')
  if (!ALLOWED.test(name)) {
    const sign = [...name].find((each) => !ALLOWED.test(each)) as string
    throw refused(name, `it holds ${JSON.stringify(sign)}`, 'Letters, digits and . _ : @ / + = , ~ % [ ] - may stand in a name.')
  }
  // A name that looks like an option would become one: ssh -oProxyCommand=…
  if (/(?:^|[/@:])-/.test(name)) throw refused(name, 'a part of it starts with "-"', 'No part of a name may start with "-".')
}

function checkAddress(name: string, argument: string): void {
  if (argument === '') throw refused(name, '@ssh needs the name of a host', 'Write @ssh/HOST, or only HOST.')
  const layer = /\/@([^/]+)/.exec(argument)?.[1]
  if (layer !== undefined) throw refused(name, `"/@${layer}" starts a layer only if a connector "${layer}" is installed`, `Add the connector: chaos styx invoke connector-${layer}`)
  if (!/^(?:[\p{L}\p{N}._+-]+@)?(?:[\p{L}\p{M}\p{N}._-]+|\[?[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?\]?)$/u.test(argument)) {
    throw refused(name, `"${argument}" is not a host`, 'Write HOST, with a port and a user as data: ssh_port, ssh_user.')
  }
}

function refused(name: string, why: string, hint?: string): ChaosError {
  return new ChaosError('HOST_NAME', { message: `The host name ${JSON.stringify(name)} cannot be used: ${why}.`, details: { name }, ...(hint === undefined ? {} : { hint }) })
}
