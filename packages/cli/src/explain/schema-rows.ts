import type { Schema } from '@chaos/core'

interface JsonSchema {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: JsonSchema[]
  items?: JsonSchema
  description?: string
  default?: unknown
  properties?: Record<string, JsonSchema>
  required?: string[]
}

/** What a schema takes, a line for each of its members: `mode (string, default "0644"): …`. Empty where its library does not tell. */
export function schemaRows(schema: Schema): string[] {
  return rowsOf(described(schema))
}

function described(schema: Schema): JsonSchema {
  try {
    return (schema['~standard'].jsonSchema?.input({ target: 'draft-07', libraryOptions: { unrepresentable: 'any' } } as { target: string }) ?? {})
  } catch {
    return {}
  }
}

function rowsOf(schema: JsonSchema): string[] {
  const alternatives = schema.anyOf ?? [schema]
  const rows = new Map<string, string>()
  for (const { properties = {}, required = [] } of alternatives) {
    for (const [name, each] of Object.entries(properties)) {
      const notes = [typeOf(each), required.includes(name) && alternatives.length === 1 && 'required', each.default !== undefined && `default ${JSON.stringify(each.default)}`]
      rows.set(name, `${name} (${notes.filter((note) => note !== false).join(', ')})${each.description === undefined ? '' : `: ${each.description}`}`)
    }
  }
  return [...rows.values()]
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(' | ')
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ')
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`
  return Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'anything')
}
