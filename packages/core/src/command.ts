import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import { ChaosError } from './errors.ts'

/** Shell text for a POSIX sh, made by {@link sh}, {@link script} or {@link word}, and by nothing else. */
export interface Command extends Branded<'command'> {
  readonly text: string
}

/** What may stand in a {@link sh} template. A boolean, undefined or Secret is a type error. */
export type Word = string | number | Command | readonly (string | number | Command)[]

/**
 * The quoting tag, the only way to write a command: sh`useradd -s ${shell} ${name}`.
 * A string or number becomes one quoted word, an array becomes words, a command is spliced in as it is.
 */
export function sh(strings: TemplateStringsArray, ...values: Word[]): Command {
  let text = strings.raw[0] as string
  values.forEach((value, index) => {
    text += splice(value) + (strings.raw[index + 1] as string)
  })
  return command(text)
}

/** A whole command as one quoted word, for `sh -c ${word(inner)}`. */
export function word(inner: Command): Command {
  return command(quote(inner.text))
}

/** The one door for shell text that a user wrote (`server.shell`, `chaos exec`). */
export function script(text: string): Command {
  return command(checked(text))
}

/** Commands one after another, each on its own line. */
export function lines(...commands: readonly Command[]): Command {
  return command(commands.map((each) => each.text).join('\n'))
}

export function isCommand(value: unknown): value is Command {
  return isKind(value, 'command')
}

/** One word for a POSIX shell, whatever the text holds. */
export function quote(text: string): string {
  return /^[A-Za-z0-9_\-.,:/@%+]+$/.test(text) ? text : `'${checked(text).replaceAll("'", `'\\''`)}'`
}

function command(text: string): Command {
  return Object.freeze(brand('command', { text }))
}

function splice(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (isCommand(value)) return value.text
  if (Array.isArray(value)) return value.map(splice).join(' ')
  throw new ChaosError('COMMAND_VALUE', {
    message: `A ${isKind(value, 'secret') ? 'secret' : value === null ? 'null' : typeof value} cannot stand in a command.`,
    hint: isKind(value, 'secret')
      ? 'Secrets travel on stdin or in files: { run: sh`…`, stdin: secret } or { write: { content: secret, … } }.'
      : 'Give a string, a number, a command, or a list of these.',
  })
}

function checked(text: string): string {
  if (!text.includes('\0')) return text
  throw new ChaosError('COMMAND_NUL', { message: 'A command cannot hold a NUL character.' })
}
