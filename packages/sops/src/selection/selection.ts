import { failure } from '../failure.ts'
import { goRegex } from './go-regex.ts'

/** Which values are encrypted. One of them at most; with none, all whose path has no key that ends in `_unencrypted`. */
export interface SelectionRules {
  unencrypted_suffix?: string
  encrypted_suffix?: string
  /** Regular expressions of Go, tried on each key of a path. */
  unencrypted_regex?: string
  encrypted_regex?: string
  /** Regular expressions of Go, tried on the comments above a value, and above the maps and lists it is in. */
  unencrypted_comment_regex?: string
  encrypted_comment_regex?: string
  /** Seals the encrypted values alone, so that the others may be changed by hand. */
  mac_only_encrypted?: boolean
}

export const SELECTION_KEYS = [
  'unencrypted_suffix', 'encrypted_suffix', 'unencrypted_regex', 'encrypted_regex', 'unencrypted_comment_regex', 'encrypted_comment_regex',
] as const

export const DEFAULT_RULES = { unencrypted_suffix: '_unencrypted' } satisfies SelectionRules

/** Whether what stands at a path, below these comments, is encrypted. */
export type Selection = (path: readonly string[], comments: readonly (readonly string[])[], isComment: boolean) => boolean

/** Throws SOPS_REGEX for an expression that Go and JavaScript do not share, SOPS_METADATA for two rules at once. */
export function selectionOf(rules: SelectionRules, file: string): Selection {
  const given = SELECTION_KEYS.filter((key) => rules[key] !== undefined && rules[key] !== '')
  const [rule = 'unencrypted_suffix', second] = given
  if (second !== undefined) {
    throw failure('SOPS_METADATA', file, { message: `${rule} and ${second} cannot both say what is encrypted.`, hint: 'Keep one of them.' })
  }
  const text = rules[rule] || DEFAULT_RULES.unencrypted_suffix
  switch (rule) {
    case 'unencrypted_suffix':
      return (path) => !path.some((key) => key.endsWith(text))
    case 'encrypted_suffix':
      return (path) => path.some((key) => key.endsWith(text))
    default: {
      const regex = goRegex(text)
      if (!regex) {
        throw failure('SOPS_REGEX', file, { message: `${rule} is no regular expression that can be kept to here: ${text}`, hint: 'Write it in the syntax of RE2, without lookahead and back references.' })
      }
      return byRegex(rule, regex)
    }
  }
}

function byRegex(rule: string, regex: RegExp): Selection {
  const any = (texts: readonly string[]): boolean => texts.some((text) => regex.test(text))
  if (rule === 'unencrypted_regex') return (path) => !any(path)
  if (rule === 'encrypted_regex') return (path) => any(path)
  if (rule === 'unencrypted_comment_regex') return (_path, comments) => !comments.some(any)
  // The comment that says "encrypt what follows" stays in clear itself.
  return (_path, comments, isComment) => comments.some((own, index) => any(isComment && index === comments.length - 1 ? own.slice(0, -1) : own))
}
