import type { Schema } from '@chaos/core'

interface JsonSchema {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: JsonSchema[]
  items?: JsonSchema
  format?: string
  description?: string
  default?: unknown
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  required?: string[]
}

/** One thing that a schema takes. */
export interface SchemaField {
  /** `mode`, and below a list or map `packages[].version`. */
  readonly name: string
  /** `string`, `list of string`, `"a" | "b"`. */
  readonly type: string
  readonly required: boolean
  /** As JSON; undefined = none. */
  readonly default: string | undefined
  readonly description: string | undefined
}

/** What a schema takes, a line for each of its members: `mode (string, default "0644"): …`. Empty where its library does not tell. */
export function schemaRows(schema: Schema): string[] {
  return schemaFields(schema).map(fieldRow)
}

export function fieldRow({ name, type, required, default: otherwise, description }: SchemaField): string {
  const notes = [type, required && 'required', otherwise !== undefined && `default ${otherwise}`]
  return `${name} (${notes.filter((note) => note !== false).join(', ')})${description === undefined ? '' : `: ${description}`}`
}

/** The members of a schema, those of the maps in it behind them. */
export function schemaFields(schema: Schema): SchemaField[] {
  return fieldsOf(described(schema), '')
}

function described(schema: Schema): JsonSchema {
  try {
    return (schema['~standard'].jsonSchema?.input({ target: 'draft-07', libraryOptions: { unrepresentable: 'any' } } as { target: string }) ?? {})
  } catch {
    return {}
  }
}

function fieldsOf(schema: JsonSchema, above: string): SchemaField[] {
  const alternatives = schema.anyOf ?? [schema]
  const fields = new Map<string, SchemaField>()
  for (const { properties = {}, required = [] } of alternatives) {
    for (const [key, each] of Object.entries(properties)) {
      const name = `${above}${key}`
      fields.set(name, {
        name, type: typeOf(each), required: required.includes(key) && alternatives.length === 1,
        default: each.default === undefined ? undefined : JSON.stringify(each.default), description: each.description,
      })
      for (const below of [...fieldsOf(each, `${name}.`), ...itemsOf(each).flatMap((item) => fieldsOf(item, `${name}[].`))]) fields.set(below.name, below)
    }
  }
  return [...fields.values()]
}

/** What the lists hold that a schema allows. */
function itemsOf({ items, anyOf = [] }: JsonSchema): JsonSchema[] {
  return [...(items ? [items] : []), ...anyOf.flatMap(itemsOf)]
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(' | ')
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ')
  if (schema.format === 'chaos-secret') return 'secret'
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`
  if (schema.type === 'object') return 'map'
  return Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'anything')
}
