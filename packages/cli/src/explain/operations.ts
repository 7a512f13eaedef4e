import type { OperationDefinition, Page } from '@chaos/core'

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

/** Pages of all operations of @chaos/operations, made from their schemas, by their full names. */
export async function operationPages(): Promise<Record<string, Page>> {
  const families = (await import('@chaos/operations')) as Record<string, Record<string, unknown>>
  const pages: Record<string, Page> = {}
  for (const family of Object.values(families)) {
    for (const member of Object.values(family)) {
      const definition = (member as { definition?: OperationDefinition<never, never> } | null)?.definition
      // Facts have a definition too, and no arguments with a schema.
      if (definition && 'diff' in definition) pages[definition.name] = operationPage(definition)
    }
  }
  return pages
}

function operationPage({ name, about, args, action }: OperationDefinition<never, never>): Page {
  const rows = rowsOf(schemaOf(args))
  return {
    concept: name,
    what: about ?? `The operation ${name}.`,
    ...(rows.length > 0 && { arguments: rows }),
    how: action ? 'It always does something: the plan marks it, and nothing is compared afterwards.' : 'It is compared with the host first; when it is already so, nothing runs. What was changed is looked at again.',
  }
}

function schemaOf(args: OperationDefinition<never, never>['args']): JsonSchema {
  try {
    return (args['~standard'].jsonSchema?.input({ target: 'draft-07', libraryOptions: { unrepresentable: 'any' } } as { target: string }) ?? {})
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
