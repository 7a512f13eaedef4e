/**
 * The spellings of the Python tool (`-sf`, `-ikwid`, bundles such as `-dsvvv`, base options before the command)
 * become long flags before the parser sees them. Nothing is decided here, but what cannot be done is refused.
 */
import { laterCommand, laterFlag } from './later.ts'
import type { Refusal } from './later.ts'
import { PROVIDER, inBundle, providerOption } from './spelling-provider.ts'
import { BASE, RENAMED, TABLES } from './spelling-tables.ts'
import type { Table } from './spelling-tables.ts'

export interface Rewritten {
  argv: string[]
  /** Set when something was asked for that this version does not do. */
  refusal?: Refusal
}

/** Rewrites the arguments after `chaos`. */
export function rewrite(argv: readonly string[]): Rewritten {
  const { base, command, rest } = splitAtCommand(argv)
  if (command === undefined) return refuseLater(base)
  const later = laterCommand([command, ...rest])
  if (later) return { argv: [...base, command, ...rest], refusal: later }
  const part = `${command} ${rest.find((word) => !word.startsWith('-')) ?? ''}`
  const table = TABLES[part] ?? TABLES[command]
  if (!table) return refuseLater([...base, command, ...rest])
  const words = expand(rest, table, { passThrough: command === 'exec', dotted: DOTTED.has(part) })
  const whole = [command, ...base, ...words.argv]
  return words.refusal ? { argv: whole, refusal: words.refusal } : refuseLater(whole)
}

function refuseLater(argv: string[]): Rewritten {
  const end = argv.indexOf('--')
  const refusal = (end === -1 ? argv : argv.slice(0, end)).map(laterFlag).find((each) => each !== undefined)
  return refusal ? { argv, refusal } : { argv }
}

/** Base options may stand before the command; they are moved behind it. */
function splitAtCommand(argv: readonly string[]): { base: string[]; command?: string; rest: string[] } {
  const base: string[] = []
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string
    if (word === '--' || !word.startsWith('-')) return { base, command: word, rest: argv.slice(index + 1) }
    const long = expandWord(word, BASE) ?? [underscores(word)]
    base.push(...long.map(withoutMark))
    if (wantsValue(long.at(-1)) || word === '--chobolo') base.push(...argv.slice(++index, index + 1))
  }
  return { base, rest: [] }
}

interface Expanding {
  /** The first word that is no option begins somebody else's. */
  readonly passThrough: boolean
  /** Arguments may have dots in them. */
  readonly dotted: boolean
}

/** Commands whose arguments are keys of secrets. */
const DOTTED = new Set(['secrets cat', 'secrets set'])

function expand(words: readonly string[], table: Table, { passThrough, dotted }: Expanding): Rewritten {
  const providers = Object.values(table).includes(PROVIDER)
  const argv: string[] = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string
    // What follows `--`, or the first word of a command to run, belongs to somebody else.
    if (word === '--' || (passThrough && !word.startsWith('-'))) return { argv: [...argv, ...words.slice(index)] }
    const next = words[index + 1]
    const long = expandWord(word, table) ?? [renamed(word)]
    argv.push(...(providers ? inBundle(long) : long).map(withoutMark))
    const last = long.at(-1) as string
    const provider = providers ? providerOption(last, { words: words.slice(index + 1), dotted }) : undefined
    if (provider) {
      if (!('option' in provider)) return { argv, refusal: provider }
      argv.splice(-1, 1, provider.option)
      index += provider.taken
    } else if (last.startsWith('--sudo-password-stdin')) {
      const [name, value] = cut(last)
      // The arguments given back go into messages; the password must not.
      argv.splice(-1, 1, name)
      if (value !== undefined || (next !== undefined && !next.startsWith('-'))) return { argv, refusal: PASSWORD_IN_ARGUMENTS }
    } else if (last === '--verbose' && next !== undefined && /^[0-3]$/.test(next)) {
      argv.splice(-1, 1, ...Array.from({ length: Number(next) }, () => '--verbose'))
      index++
    } else if (wantsValue(last) || VALUED.has(last)) {
      argv.push(...words.slice(++index, index + 1))
    }
  }
  return { argv }
}

/** Long options whose value is the next word, so that it is not read as an option itself. */
const VALUED = new Set(['--chobolo', '--secrets-file', '--sops-file', '--recipient', '--index', '--keyserver', '--limit', '--timeout', '--parallelism', '--max-removals', '--guard', '--sudo-password-file', '--details', '--complexity', '--key-type', '--item-name', '--key-file', '--vault-addr', '--item-id', '--output'])

const PASSWORD_IN_ARGUMENTS: Refusal = {
  message: 'A password on the command line can be read by every user of this machine.',
  hint: 'Pipe it to `chaos apply … --sudo-password-stdin` (-ps), or name a file with --sudo-password-file (-pf).',
}

/** The long flags of `-x`, `-nw` or a bundle; undefined when the word is none of these. */
function expandWord(word: string, table: Table): string[] | undefined {
  if (!/^-[A-Za-z]/.test(word)) return undefined
  const name = word.slice(1)
  if (Object.hasOwn(table, name)) return [table[name] as string]
  const found: string[] = []
  for (const [index, letter] of [...name].entries()) {
    const long = Object.hasOwn(table, letter) ? table[letter] : undefined
    if (long === undefined) return undefined
    const tail = name.slice(index + 1)
    // `-cFILE`: the rest of the word is the value.
    if (wantsValue(long) && tail !== '') return [...found, long + tail]
    found.push(long)
  }
  return found
}

function wantsValue(long: string | undefined): boolean {
  return long?.endsWith('=') === true
}

/** `--chobolo=` alone means that the value is the next word. */
function withoutMark(long: string): string {
  return wantsValue(long) ? long.slice(0, -1) : long
}

function renamed(word: string): string {
  const long = underscores(word)
  const [name, value] = cut(long)
  const known = Object.hasOwn(RENAMED, name) ? (RENAMED[name] as string) : name
  return value === undefined ? known : `${known}=${value}`
}

/** `--sudo_password_file` was the old spelling. */
function underscores(word: string): string {
  if (!word.startsWith('--')) return word
  const [name, value] = cut(word)
  const dashed = name.replaceAll('_', '-')
  return value === undefined ? dashed : `${dashed}=${value}`
}

function cut(word: string): [string, string | undefined] {
  const at = word.indexOf('=')
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}
