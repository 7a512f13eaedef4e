import type { OperationDefinition, Page } from '@chaos/core'
import { schemaRows } from './schema-rows.ts'

/** Pages of all operations of @chaos/operations, made from their schemas, by their full names. */
export async function operationPages(): Promise<Record<string, Page>> {
  const exported: Record<string, unknown> = await import('@chaos/operations')
  const families = Object.values(exported).filter((each) => typeof each === 'object' && each !== null)
  const pages: Record<string, Page> = {}
  for (const family of families) {
    for (const member of Object.values(family)) {
      const definition = (member as { definition?: OperationDefinition<never, never> } | null)?.definition
      // Facts have a definition too, and no arguments with a schema.
      if (definition && 'diff' in definition) pages[definition.name] = operationPage(definition)
    }
  }
  return pages
}

function operationPage({ name, about, args, action }: OperationDefinition<never, never>): Page {
  const rows = schemaRows(args)
  return {
    concept: name,
    what: about ?? `The operation ${name}.`,
    ...(rows.length > 0 && { arguments: rows }),
    how: action ? 'It always does something: the plan marks it, and nothing is compared afterwards.' : 'It is compared with the host first; when it is already so, nothing runs. What was changed is looked at again.',
  }
}
