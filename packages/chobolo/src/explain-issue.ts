import { isSecret, nearest } from '@chaos/core'
import type { Schema } from '@chaos/core'
import type { Origin } from './chobolo.ts'
import { schemaJson } from './json-schema.ts'
import { formatPath } from './path.ts'
import type { Path } from './path.ts'
import type { Problem } from './problem.ts'
import type { RichIssue } from './validate.ts'

/** A schema's issue as a problem with a remedy. Values are not shown: one may come from a secret or the environment. */
export function explainIssue(issue: RichIssue, path: Path, value: unknown, schema: Schema, origin: (below: Path) => Origin): Problem {
  const { position, source } = origin([])
  const name = `\`${formatPath(path)}\``
  const key = path.at(-1)
  const problem = (code: string, message: string, hint?: string, place = position): Problem => ({ code, severity: 'error', message, ...(hint === undefined ? {} : { hint }), position: place })

  if (issue.keys) {
    const [unknown = ''] = issue.keys
    const known = knownKeys(schema, path.slice(1))
    const [candidate] = nearest(unknown, known)
    const rest = known.length === 0 ? 'Remove it.' : `Its keys are ${known.join(', ')}.`
    const names = issue.keys.map((each) => `\`${each}\``).join(' and ')
    return problem('KEY_UNKNOWN', `${name} has no ${issue.keys.length > 1 ? 'keys' : 'key'} ${names}.`, candidate === undefined ? rest : `Did you mean \`${candidate}\`?`, origin([unknown]).key)
  }
  if (isSecret(value)) return problem('VALUE_SECRET', `${name} takes no secret.`, 'Secrets can stand only where the role expects one.')
  if (value === undefined) return problem('KEY_MISSING', path.length === 1 ? `The key ${name} is missing.` : `${formatPath(path.slice(0, -1))} lacks \`${key}\`.`, `Add \`${key}: …\`.`)
  if (typeof value === 'number' && typeof key === 'string' && /(^|_)mode$/.test(key)) {
    const fixed = (source !== undefined && /^(0o)?[0-7]+$/.test(source) ? source.replace(/^0o/, '') : String(value)).padStart(4, '0')
    return problem('MODE_UNQUOTED', `${name} must be a text: YAML reads ${source ?? value} as the number ${value}.`, `Write ${key}: "${fixed}".`)
  }
  const hint = remedy(issue, key, value, source)
  return problem('VALUE_INVALID', `${name}: ${sentence(issue, value)}`, hint)
}

function sentence(issue: RichIssue, value: unknown): string {
  const choices = issue.values ?? issue.options
  if (choices) return `expected one of ${choices.map((each) => JSON.stringify(each)).join(', ')}.`
  // A union whose author says what is wrong says it better than a list of types.
  const expected = issue.expected ?? (issue.errors && issue.message !== 'Invalid input' ? undefined : alternatives(issue))
  if (expected !== undefined) return `expected ${NAMES[expected] ?? expected}, and here it is ${kindOf(value)}.`
  return `${issue.message.replace(/^./, (first) => first.toLowerCase()).replace(/\.?$/, '')}.`
}

const NAMES: Record<string, string> = { string: 'a text', number: 'a number', boolean: 'true or false', array: 'a list', object: 'a map', record: 'a map', int: 'a whole number', null: 'null' }

/** What all alternatives of a union want, in one phrase. */
function alternatives(issue: RichIssue): string | undefined {
  const wanted = (issue.errors ?? []).flatMap((each) => each.flatMap((one) => (one.expected === undefined ? (one.values ?? []).map((value) => JSON.stringify(value)) : [NAMES[one.expected] ?? one.expected])))
  return wanted.length === 0 ? undefined : [...new Set(wanted)].join(' or ')
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return { string: 'a text', number: 'a number', boolean: 'true or false', object: 'a map' }[typeof value as string] ?? typeof value
}

function remedy(issue: RichIssue, key: string | number | undefined, value: unknown, source: string | undefined): string | undefined {
  const choices = (issue.values ?? issue.options)?.filter((each) => typeof each === 'string')
  if (choices && typeof value === 'string') {
    const [candidate] = nearest(value, choices)
    return candidate === undefined ? undefined : `Did you mean ${JSON.stringify(candidate)}?`
  }
  const label = typeof key === 'string' ? `${key}: ` : '- '
  const { expected } = issue
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean') && source !== undefined) return `Put it in quotes: ${label}"${source}".`
  if (expected === 'boolean' && source !== undefined && /^(yes|on)$/i.test(source)) return `Write ${label}true; YAML 1.2 reads ${source} as a text.`
  if (expected === 'boolean' && source !== undefined && /^(no|off)$/i.test(source)) return `Write ${label}false; YAML 1.2 reads ${source} as a text.`
  if (expected === 'number' && source !== undefined && /^-?\d+(\.\d+)?$/.test(source)) return `Remove the quotes: ${label}${source}.`
  if (value === null && expected === 'array') return `Write ${label}[], or remove the key.`
  return expected === 'array' ? 'Begin each item with "- ".' : undefined
}

type Json = { properties?: Record<string, Json>; items?: Json | Json[]; anyOf?: Json[]; oneOf?: Json[]; allOf?: Json[]; additionalProperties?: Json | boolean }

/** The keys that a schema knows at a path, as far as its JSON Schema tells. */
function knownKeys(schema: Schema, path: Path): string[] {
  let at: Json[] = [schemaJson(schema)]
  const open = (all: readonly Json[]): Json[] => all.flatMap((each) => [each, ...open([...(each.anyOf ?? []), ...(each.oneOf ?? []), ...(each.allOf ?? [])])])
  for (const key of path) {
    at = open(at).flatMap((each) => {
      const below = typeof key === 'number' ? each.items : (each.properties?.[key] ?? each.additionalProperties)
      return typeof below === 'object' ? (Array.isArray(below) ? below : [below]) : []
    })
  }
  return [...new Set(open(at).flatMap((each) => Object.keys(each.properties ?? {})))]
}
