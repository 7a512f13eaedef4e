import { validateNow } from '@chaos/core'
import type { FactDefinition, OperationDefinition, Touch } from '@chaos/core'
import { schemaFields } from './schema-rows.ts'
import type { SchemaField } from './schema-rows.ts'

/** What there is to know of an operation, taken from its definition. */
export interface OperationReference {
  /** `files.line`. */
  readonly name: string
  /** Other names it is exported by: `server.dir`. */
  readonly aliases: readonly string[]
  readonly about: string
  readonly fields: readonly SchemaField[]
  /** How a role calls it; undefined = the definition has no example. */
  readonly example: string | undefined
  readonly action: 'always' | 'by its arguments' | 'never'
  /** What the example touches; undefined = anything. */
  readonly touches: readonly string[] | undefined
}

export interface FactReference {
  /** As it is exported: `facts.stat`. */
  readonly name: string
  readonly about: string | undefined
}

type AnyOperation = OperationDefinition<unknown, unknown>

/** All operations and facts that a package exports in its families: `files.line` is `line` of `files`. */
export function referenceOf(exported: Readonly<Record<string, unknown>>): { operations: OperationReference[]; facts: FactReference[] } {
  const operations = new Map<string, { definition: AnyOperation; names: string[] }>()
  const facts: FactReference[] = []
  for (const [family, members] of Object.entries(exported)) {
    if (typeof members !== 'object' || members === null) continue
    for (const [member, value] of Object.entries(members)) {
      const { definition } = (value ?? {}) as { definition?: AnyOperation | FactDefinition<readonly never[], unknown> }
      if (definition === undefined) continue
      const name = `${family}.${member}`
      if ('diff' in definition) operations.set(definition.name, { definition, names: [...(operations.get(definition.name)?.names ?? []), name] })
      else facts.push({ name, about: definition.about })
    }
  }
  return {
    operations: [...operations.values()].map(({ definition, names }) => operationReference(definition, names)),
    facts: facts.toSorted((a, b) => a.name.localeCompare(b.name)),
  }
}

function operationReference(definition: AnyOperation, names: readonly string[]): OperationReference {
  const { name, about, args, action, example, touches } = definition
  const checked = example === undefined ? undefined : validateNow(args, example)
  return {
    name,
    aliases: names.filter((each) => each !== name),
    about: about ?? `The operation ${name}.`,
    fields: schemaFields(args),
    example: example === undefined ? undefined : `${name}(${literal(example)})`,
    action: typeof action === 'function' ? 'by its arguments' : action ? 'always' : 'never',
    touches: touches && checked && !checked.issues ? touches(checked.value).map(touchText) : undefined,
  }
}

function touchText(touch: Touch): string {
  if (touch.kind === 'path') return touch.below ? `${touch.path} and what is below` : touch.path
  return touch.name === undefined ? `every ${touch.space}` : `${touch.space} ${touch.name}`
}

/** A value as it is written in TypeScript, in the style of ours. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll(String.raw`\"`, '"').replaceAll("'", String.raw`\'`)}'`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([key, each]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key)}: ${literal(each)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
