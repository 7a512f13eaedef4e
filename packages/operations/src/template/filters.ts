import { quote } from '@chaos/core'
import { percentFormat, pythonString } from './python.ts'
import { toYaml } from './yaml.ts'

/** Keyword arguments come last, as a Map. */
type Filter = (value: unknown, ...rest: unknown[]) => unknown

/** What users of Jinja2 and Ansible expect and the engine does not bring. */
export const FILTERS: Readonly<Record<string, Filter>> = {
  format: (value, ...values) => percentFormat(String(value), values),
  center: (value, width) => centred(pythonString(value), Number(width ?? 80)),
  wordcount: (value) => (String(value).match(/\S+/g) ?? []).length,
  urlencode: (value) => encodeURIComponent(String(value)).replaceAll('%2F', '/').replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`),
  truncate: (value, ...rest) => truncated(String(value), rest),
  chaos_tojson: (value, ...rest) => html(json(value, indentOf(rest))),
  to_json: (value) => json(value),
  to_nice_json: (value, ...rest) => json(sorted(value), indentOf(rest) ?? 4),
  from_json: (value) => JSON.parse(String(value)) as unknown,
  to_yaml: (value) => toYaml(plain(value)),
  to_nice_yaml: (value) => toYaml(plain(value)),
  regex_replace: (value, pattern, by = '') => String(value).replaceAll(new RegExp(String(pattern), 'g'), replacement(String(by))),
  regex_search: (value, pattern) => new RegExp(String(pattern)).exec(String(value))?.[0] ?? null,
  b64encode: (value) => Buffer.from(String(value)).toString('base64'),
  b64decode: (value) => Buffer.from(String(value), 'base64').toString(),
  quote: (value) => (String(value) === '' ? "''" : quote(String(value))),
  basename: (value) => String(value).slice(String(value).lastIndexOf('/') + 1),
  dirname: (value) => dirname(String(value)),
  bool: (value) => value === true || /^(1|true|yes|on|y|t)$/i.test(String(value)),
  ternary: (value, yes, no) => (value === true || (value !== false && Boolean(value)) ? yes : no),
  comment: (value) => String(value).split('\n').map((line) => `# ${line}`.trimEnd()).join('\n'),
  mandatory: mandatory,
}

function mandatory(value: unknown): unknown {
  if (value === undefined) throw new Error('a mandatory variable is not defined')
  return value
}

/** Values of the engine as plain ones: a dictionary arrives as a Map. */
export function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]))
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'bigint' ? Number(value) : value
}

function sorted(value: unknown): unknown {
  const simple = plain(value)
  if (Array.isArray(simple)) return simple.map(sorted)
  if (typeof simple !== 'object' || simple === null) return simple
  return Object.fromEntries(Object.entries(simple).toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([key, each]) => [key, sorted(each)]))
}

/** As Python writes it: a space behind `:` and `,`, and ASCII only. */
function json(value: unknown, indent?: number): string {
  const simple = plain(value) ?? null
  const text = indent === undefined
    ? JSON.stringify(simple).replaceAll(/"(?:[^"\\]|\\.)*"|[,:]/g, (token) => (token.length > 1 ? token : `${token} `))
    : JSON.stringify(simple, null, indent)
  return text.replaceAll(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function html(text: string): string {
  return text.replaceAll(/[<>&']/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function indentOf(rest: readonly unknown[]): number | undefined {
  const last = rest.at(-1)
  const indent = last instanceof Map ? (last as Map<unknown, unknown>).get('indent') : rest[0]
  return indent === undefined || indent === null ? undefined : Number(indent)
}

function centred(text: string, width: number): string {
  const missing = width - text.length
  // Python puts the odd space on the left when the width is odd.
  const left = Math.floor(missing / 2) + (missing & width & 1)
  return missing <= 0 ? text : ' '.repeat(left) + text + ' '.repeat(missing - left)
}

function truncated(text: string, rest: readonly unknown[]): string {
  const named = (rest.at(-1) instanceof Map ? rest.at(-1) : new Map()) as Map<string, unknown>
  const given = rest.filter((each) => !(each instanceof Map))
  const length = Number(named.get('length') ?? given[0] ?? 255)
  const killwords = Boolean(named.get('killwords') ?? given[1] ?? false)
  const end = pythonString(named.get('end') ?? given[2] ?? '...')
  const leeway = Number(named.get('leeway') ?? given[3] ?? 5)
  if (text.length <= length + leeway) return text
  const cut = text.slice(0, length - end.length)
  return (killwords || !cut.includes(' ') ? cut : cut.slice(0, cut.lastIndexOf(' '))) + end
}

/** Python writes groups as `\\1` and `\\g<name>`, and has no `$`. */
function replacement(by: string): string {
  return by.replaceAll('$', '$$$$').replaceAll(/\\(\d)/g, '$$$1').replaceAll(/\\g<(\w+)>/g, (_, name: string) => (/^\d+$/.test(name) ? `$${name}` : `$<${name}>`))
}

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1)
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '')
}
