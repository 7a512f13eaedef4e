import type { Argument, Command, Option } from 'commander'

/** A word that fits, with what it is. */
export interface Candidate {
  readonly word: string
  readonly about?: string
}

/** What stands for a kind of value: candidates, or names of files. */
export type Values = (kind: ValueKind) => Promise<readonly Candidate[] | 'files'>

export type ValueKind = 'tag' | 'topic' | 'host' | 'target' | 'what' | 'shell' | 'file' | 'provider' | 'key'

/** Arguments and options by what may stand there, as the parser names them. */
const ARGUMENTS: Readonly<Record<string, ValueKind>> = { tag: 'tag', topic: 'topic', host: 'host', target: 'target', what: 'what', shell: 'shell', file: 'file', provider: 'provider' }
const OPTIONS: Readonly<Record<string, ValueKind>> = { '--limit': 'host', '--chobolo': 'file', '--secrets-file': 'file', '--sops-file': 'file', '--sudo-password-file': 'file', '--key-file': 'file', '--output': 'file', '--provider': 'key' }

/** The words that may stand in place of the last one. */
export async function candidatesFor(program: Command, words: readonly string[], values: Values): Promise<readonly Candidate[] | 'files'> {
  const last = words.at(-1) ?? ''
  const { command, waiting, given, ended, before } = walk(program, words.slice(0, -1))
  const [, flag, part] = /^(--[^=]+)=(.*)$/s.exec(last) ?? []
  const asked = flag === undefined ? waiting : command.options.find((each) => each.long === flag)
  if (asked && (flag === undefined || asked.required || asked.optional)) return valuesOf(asked, part ?? last, flag === undefined ? '' : `${flag}=`, values)
  if (last.startsWith('-') && !ended) return fitting(last, optionsOf(command))
  const commands = command.createHelp().visibleCommands(command).map((each) => ({ word: each.name(), about: each.description() }))
  if (given === 0 && commands.length > 0) return fitting(last, commands)
  const argument = argumentAt(command.registeredArguments, given)
  if (argument?.argChoices) return fitting(last, argument.argChoices.map((word) => ({ word })))
  const kind = argument && ARGUMENTS[argument.name()]
  // An option that may stand alone: its value, or what stands behind it.
  const own = before ? await valuesOf(before, last, '', values) : []
  const found = kind === undefined ? [] : await values(kind)
  return found === 'files' || own === 'files' ? 'files' : [...own, ...fitting(last, found)]
}

interface Walked {
  readonly command: Command
  /** An option that still waits for its value. */
  readonly waiting: Option | undefined
  /** How many arguments stand before. */
  readonly given: number
  /** After `--` there are no options. */
  readonly ended: boolean
  /** An option just before, whose value may be left out. */
  readonly before: Option | undefined
}

function walk(program: Command, words: readonly string[]): Walked {
  let command = program
  let waiting: Option | undefined
  let given = 0
  let ended = false
  for (const word of words) {
    if (waiting !== undefined) waiting = undefined
    else if (ended) given++
    else if (word === '--') ended = true
    else if (word.startsWith('-')) waiting = command.options.find((each) => (each.long === word || each.short === word) && each.required)
    else {
      const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word))
      if (next && given === 0) command = next
      else given++
    }
  }
  const before = ended ? undefined : command.options.find((each) => (each.long === words.at(-1) || each.short === words.at(-1)) && each.optional)
  return { command, waiting, given, ended, before }
}

/** Of a value that takes several, parted by commas, the last piece is completed. */
async function valuesOf(option: Option, written: string, before: string, values: Values): Promise<readonly Candidate[] | 'files'> {
  if (option.argChoices) return fitting(before + written, option.argChoices.map((word) => ({ word: before + word })))
  const kind = option.long === undefined ? undefined : OPTIONS[option.long ?? '']
  if (kind === undefined) return []
  const found = await values(kind)
  if (found === 'files') return found
  const head = before + written.slice(0, written.lastIndexOf(',') + 1)
  return fitting(before + written, found.map(({ word, ...about }) => ({ ...about, word: head + word })))
}

function fitting(start: string, all: readonly Candidate[]): Candidate[] {
  return all.filter(({ word }) => word.startsWith(start))
}

function optionsOf(command: Command): Candidate[] {
  return command.options.filter((each) => !each.hidden && each.long !== undefined).map((each) => ({ word: each.long as string, about: each.description })).concat({ word: '--help', about: 'this page' })
}

function argumentAt(all: readonly Argument[], index: number): Argument | undefined {
  const last = all.at(-1)
  return all[index] ?? (last?.variadic ? last : undefined)
}
