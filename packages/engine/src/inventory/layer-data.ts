import type { Connector } from '@chaos/core'
import { ChaosError, issuePath, nearest } from '@chaos/core'
import type { Connectors } from './connectors.ts'

type Data = Readonly<Record<string, unknown>>

/** The keys of a host's data that belong to a connector, by the longest prefix: `docker_commit` is docker's. */
export function keysOf(connector: string, data: Data, connectors: Connectors): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => ownerOf(key, connectors) === connector))
}

/** A connector's keys, checked by its schema. */
export async function layerData(host: string, name: string, own: Data, connector: Connector): Promise<Data> {
  refuseUnknown(host, name, Object.keys(own), connector)
  if (!connector.data) return {}
  const result = await connector.data['~standard'].validate(own)
  if (!result.issues) return result.value as Data
  const [issue] = result.issues
  const path = issuePath(issue!)
  throw new ChaosError('HOST_DATA', {
    message: `The data of ${host} are wrong: ${[path.join('.'), issue!.message].filter(Boolean).join(': ')}.`,
    hint: `Correct it where the host or its group is written; @${name} says what it takes.`,
    host,
    details: { path },
  })
}

/** An unknown key with a connector's prefix is an error, also when that connector is not in the host's name: it is a typing error. */
export async function checkForeignKeys(host: string, data: Data, layers: readonly string[], connectors: Connectors): Promise<void> {
  const foreign = new Map<string, string[]>()
  for (const key of Object.keys(data)) {
    const owner = ownerOf(key, connectors)
    if (owner !== undefined && !layers.includes(owner)) foreign.set(owner, [...(foreign.get(owner) ?? []), key])
  }
  for (const [name, keys] of foreign) refuseUnknown(host, name, keys, await connectors.get(name))
}

function refuseUnknown(host: string, name: string, keys: readonly string[], connector: Connector): void {
  if (keys.length === 0) return
  const known = knownKeys(connector)
  const unknown = known && keys.find((key) => !known.includes(key))
  if (known === undefined || unknown === undefined) return
  const [near] = nearest(unknown, known)
  const prefix = prefixOf(name)
  throw new ChaosError('HOST_DATA', {
    message: `${host} has the key "${unknown}", which @${name} does not know.`,
    hint: near === undefined
      ? `${known.length > 0 ? `@${name} takes ${known.join(', ')}.` : `@${name} takes no keys.`} Data for roles must not start with ${prefix}.`
      : `Did you mean "${near}"?`,
    host,
    details: { path: [unknown] },
  })
}

function ownerOf(key: string, connectors: Connectors): string | undefined {
  for (let end = key.lastIndexOf('_'); end > 0; end = key.lastIndexOf('_', end - 1)) {
    const name = key.slice(0, end).replaceAll('_', '-')
    if (connectors.known(name)) return name
  }
  return undefined
}

function prefixOf(name: string): string {
  return `${name.replaceAll('-', '_')}_`
}

const described = new WeakMap<Connector, { readonly keys: readonly string[] | undefined }>()

/** The keys a connector's schema names, if it can tell: none without a schema, undefined when any key may come. */
function knownKeys(connector: Connector): readonly string[] | undefined {
  // A schema takes milliseconds to describe itself, and a fleet has many hosts.
  const known = described.get(connector) ?? { keys: describedKeys(connector) }
  described.set(connector, known)
  return known.keys
}

function describedKeys({ data }: Connector): readonly string[] | undefined {
  if (data === undefined) return []
  try {
    // Secrets are no JSON type; zod is told to describe them as anything.
    const options = { target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } }
    const schema = data['~standard'].jsonSchema?.input(options)
    const properties = schema?.['properties']
    return typeof properties === 'object' && properties !== null ? Object.keys(properties) : undefined
  } catch {
    return undefined
  }
}
