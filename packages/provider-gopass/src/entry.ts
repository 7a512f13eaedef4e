import { ChaosError } from '@chaos/core'

/** What a reference means: an entry, and which part of it. */
export interface Wanted {
  readonly name: string
  /** A line below the first, by its key; all of the entry; or, not given, its first line. */
  readonly part?: { readonly field: string } | 'all'
}

/** `NAME`, `NAME#FIELD` or `NAME#*`. The last # counts, so that `NAME#` is the first line of an entry with a # in its name. */
export function wanted(reference: string): Wanted {
  const at = reference.lastIndexOf('#')
  const name = at < 0 ? reference : reference.slice(0, at)
  const field = at < 0 ? '' : reference.slice(at + 1)
  // Below the stores and no option: the gopass of Debian reads ../ too.
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  const bad = name === '' || /[\0-\x1f\x7f]/.test(reference) || name.startsWith('-') || name.split('/').some((each) => each === '' || each === '.' || each === '..')
  if (bad) {
    throw new ChaosError('GOPASS_REFERENCE', {
      message: `${JSON.stringify(reference)} names no entry of a store of gopass.`,
      hint: 'A name is a path as gopass ls shows it, without ./ and ../, and does not begin with a dash: db/password, db/password#user, db/password#*.',
      details: { reference },
    })
  }
  return { name, ...(field !== '' && { part: field === '*' ? 'all' : { field } }) }
}

/** The reference by which an entry of that text is found: its first line, or all of it where that is more. */
export function referenceTo(name: string, value: string): string {
  if (value === '') throw new ChaosError('GOPASS_EMPTY', { message: `Nothing was given for the entry ${name}.`, details: { name } })
  if (/[\r\n]/.test(value)) return `${name}#*`
  return name.includes('#') ? `${name}#` : name
}

/** The part of an entry's text that is wanted. */
export function partOf(text: string, { name, part }: Wanted): string {
  if (part === 'all') return present(text, name, 'is empty', `Write something into it: gopass edit ${name}`)
  const [first = '', ...lines] = text.split('\n').map((line) => line.replace(/\r$/, ''))
  if (part === undefined) return present(first, name, 'has an empty first line', `Name a line below it, ${name}#FIELD, or all of it: ${name}#*`)
  const { field } = part
  const at = lines.findIndex((line) => line.startsWith(`${field}:`))
  if (at < 0) {
    throw new ChaosError('GOPASS_FIELD_MISSING', { message: `The entry ${name} has no line that begins with ${field}:`, hint: 'Below the first line stand lines of the form KEY: VALUE. Upper and lower case matter.', details: { name, field } })
  }
  const value = (lines[at] ?? '').slice(field.length + 1).trim()
  if (/^[|>][-+0-9]*$/.test(value) || (value === '' && /^\s+\S/.test(lines[at + 1] ?? ''))) {
    throw new ChaosError('GOPASS_MULTILINE', { message: `${field} in the entry ${name} goes over several lines.`, hint: `Put it into an entry of its own and read all of that: NAME#*`, details: { name, field } })
  }
  return present(value, name, `has nothing behind ${field}:`, `Write something there: gopass edit ${name}`)
}

function present(value: string, name: string, what: string, hint: string): string {
  if (value !== '') return value
  throw new ChaosError('GOPASS_EMPTY', { message: `The entry ${name} ${what}.`, hint, details: { name } })
}
