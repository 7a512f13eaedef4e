import type { Schema } from '@chaos/core'

type Json = Record<string, unknown>

/** Any text with an interpolation in it; allowed wherever something else is expected, so that editors do not complain. */
const INTERPOLATION = { type: 'string', pattern: '\\$\\{' }

/** Who things run as on a host; the engine reads these. */
const ELEVATION: Json = {
  sudo: { description: 'Through sudo, as root.', anyOf: [{ type: 'boolean' }, INTERPOLATION] },
  sudo_user: { description: 'Through sudo, as this user.', type: 'string' },
  su: { description: 'Through su: true = root, else this user.', type: ['boolean', 'string'] },
  doas: { description: 'Through doas: true = root, else this user.', type: ['boolean', 'string'] },
}

/** The JSON Schema (draft-07) of what may be written for a schema; `{}` (anything) where its library gives none. */
export function schemaJson(schema: Schema): Json {
  try {
    // Zod's own option: what has no JSON Schema (a Secret) is anything, rather than the end of the whole.
    const options = { target: 'draft-07', libraryOptions: { unrepresentable: 'any' } }
    return schema['~standard'].jsonSchema?.input(options) ?? {}
  } catch {
    return {}
  }
}

/** Composes the JSON Schema of a whole Ch-obolo: the fleet with the data its hosts may carry, the roles' keys, and variables, which may be anything. */
export function jsonSchema({ keys, hosts = [] }: { keys: Readonly<Record<string, Schema>>; hosts?: readonly Schema[] }): Json {
  const definitions: Json = {}
  const properties: Json = {}
  for (const [key, schema] of Object.entries(keys)) {
    const { $schema: _, definitions: inner = {}, ...own } = schemaJson(schema) as Json & { definitions?: Json }
    definitions[key] = adapt(own, key)
    for (const [name, each] of Object.entries(inner)) definitions[`${key}.${name}`] = adapt(each, key)
    properties[key] = { $ref: `#/definitions/${pointer(key)}` }
  }
  const overlay = { type: 'object', properties: { ...properties } }
  const hostData: Json = {}
  for (const schema of hosts) {
    const { properties: own = {} } = schemaJson(schema) as { properties?: Json }
    for (const [key, each] of Object.entries(own)) hostData[key] = adapt(each, key)
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Ch-obolo',
    type: 'object',
    properties: { ...properties, fleet: fleetSchema(overlay, hostData) },
    additionalProperties: true,
    definitions,
  }
}

function fleetSchema(overlay: Json, hostData: Json): Json {
  const names = { type: 'array', items: { type: 'string' } }
  const data = { ...ELEVATION, ...hostData }
  const host = { type: ['object', 'null'], properties: { ...data, groups: names, overlay }, additionalProperties: true }
  const roles = { type: ['object', 'null'], additionalProperties: orInterpolation({ type: 'boolean' }) }
  return {
    description: 'The hosts that --fleet works on.',
    type: ['object', 'null'],
    additionalProperties: false,
    properties: {
      parallelism: { description: 'Hosts worked on at once; 0 = all.', ...orInterpolation({ type: 'integer', minimum: 0 }) },
      hosts: {
        anyOf: [
          { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: host }] } },
          { type: 'object', additionalProperties: host },
          { type: 'null' },
        ],
      },
      boats: { type: 'array', items: { type: 'object', required: ['provider'], additionalProperties: false, properties: { provider: { type: 'string' }, config: {} } } },
      restrictions: {
        type: 'object',
        additionalProperties: false,
        properties: { allow_list: { type: 'object', additionalProperties: roles }, black_list: { type: 'object', additionalProperties: roles } },
      },
      groups: {
        type: 'object',
        additionalProperties: { type: ['object', 'null'], additionalProperties: false, properties: { hosts: names, data: { type: 'object', properties: data }, overlay } },
      },
    },
  }
}

/** Keywords that hold one schema, several, or several by name. */
const ONE = ['items', 'additionalItems', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else']
const MANY = ['items', 'anyOf', 'oneOf', 'allOf']
const NAMED = ['properties', 'patternProperties']
/** Alternatives must stay what they are: only what they are in is widened. */
const PARTS = new Set(['anyOf', 'oneOf', 'allOf', 'propertyNames', 'not', 'if', 'then', 'else'])

/** Lets interpolations stand everywhere in a schema, and moves its references below the key's definition. */
function adapt(schema: unknown, key: string, whole = true): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  const result: Json = { ...(schema as Json) }
  if (typeof result['$ref'] === 'string') result['$ref'] = moved(result['$ref'], key)
  for (const name of ONE) {
    const inner = result[name]
    if (typeof inner === 'object' && !Array.isArray(inner)) result[name] = adapt(inner, key, !PARTS.has(name))
  }
  for (const name of MANY) {
    const inner = result[name]
    if (Array.isArray(inner)) result[name] = inner.map((each) => adapt(each, key, !PARTS.has(name)))
  }
  for (const name of NAMED) {
    const inner = result[name]
    if (typeof inner === 'object' && inner !== null) result[name] = Object.fromEntries(Object.entries(inner).map(([each, below]) => [each, adapt(below, key)]))
  }
  return whole ? orInterpolation(result) : result
}

/** Free text and "anything" take an interpolation as they are. What editors show stays outside, where they look for it. */
function orInterpolation(schema: Json): Json {
  const { description, title, default: value, examples, ...rest } = schema
  const free = Object.keys(rest).length === 0 || (rest['type'] === 'string' && Object.keys(rest).length === 1)
  if (free || '$ref' in rest) return schema
  const shown = Object.fromEntries(Object.entries({ title, description, default: value, examples }).filter(([, each]) => each !== undefined))
  return { ...shown, anyOf: [rest, INTERPOLATION] }
}

function moved(reference: string, key: string): string {
  if (reference === '#') return `#/definitions/${pointer(key)}`
  return reference.startsWith('#/definitions/') ? `#/definitions/${pointer(key)}.${reference.slice('#/definitions/'.length)}` : reference
}

function pointer(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))
}
