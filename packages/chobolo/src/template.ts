import type { Schema } from '@chaos/core'
import { schemaJson } from './json-schema.ts'

/** Example fragments, and whose they are. */
export interface TemplateSource {
  /** The package, for comments and notes. */
  readonly from: string
  readonly fragments: readonly Readonly<Record<string, unknown>>[]
  /** They only show how it could look: written as comments, so that nothing is applied that nobody meant. Default false. */
  readonly commented?: boolean
}

export interface TemplateResult {
  /** YAML with comments, the modeline first. */
  readonly text: string
  /** Root keys that several packages give: they were merged. */
  readonly notes: readonly string[]
}

const MODELINE = '# yaml-language-server: $schema=.chaos/schema.json'

/** Merges example fragments to a Ch-obolo: maps deep, a later list or scalar wins. */
export async function template(sources: readonly TemplateSource[]): Promise<TemplateResult> {
  const { Document } = await import('yaml')
  const merged: Record<string, unknown> = {}
  const owners = new Map<string, string[]>()
  const meant = new Set<string>()
  for (const { from, fragments, commented = false } of sources) {
    for (const [key, value] of fragments.flatMap((each) => Object.entries(each))) {
      merged[key] = Object.hasOwn(merged, key) ? merge(merged[key], value) : value
      if (!commented) meant.add(key)
      const known = owners.get(key) ?? []
      if (!known.includes(from)) owners.set(key, [...known, from])
    }
  }
  const parts = Object.entries(merged).map(([key, value]) => {
    const text = new Document({ [key]: value }).toString({ lineWidth: 0 })
    return `# ${(owners.get(key) ?? []).join(', ')}\n${meant.has(key) ? text : text.replaceAll(/^(?=.)/gm, '# ')}`
  })
  const body = parts.length === 0 ? '# files:\n#   - { path: /tmp/hello, content: hello }\n' : parts.join('\n')
  const notes = [...owners].filter(([, from]) => from.length > 1).map(([key, from]) => `\`${key}\` is given by ${from.join(' and ')}; their examples were merged.`)
  return { text: `${MODELINE}\n\n${body}`, notes }
}

/** An example fragment made of schemas: what they give as examples and defaults. Keys without either are left out. */
export function fragmentOf(keys: Readonly<Record<string, Schema>>): Record<string, unknown> {
  const entries = Object.entries(keys).map(([key, schema]) => [key, example(schemaJson(schema))] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function example(schema: Record<string, unknown>): unknown {
  const { examples, default: value, type, items, properties } = schema
  if (Array.isArray(examples) && examples.length > 0) return examples[0]
  if (value !== undefined) return value
  if (type === 'array' && typeof items === 'object' && items !== null) {
    const item = example(items as Record<string, unknown>)
    return item === undefined ? undefined : [item]
  }
  if (typeof properties !== 'object' || properties === null) return undefined
  const found = Object.entries(properties as Record<string, Record<string, unknown>>).map(([key, each]) => [key, example(each)] as const)
  const given = found.filter(([, each]) => each !== undefined)
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

function merge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over
  const result = { ...base }
  for (const [key, value] of Object.entries(over)) result[key] = Object.hasOwn(base, key) ? merge(base[key], value) : value
  return result
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
