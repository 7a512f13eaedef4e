import { join, resolve } from 'node:path'
import type { Configuration, Lookup } from '../lookup.ts'
import { localUser, tilde } from '../paths.ts'
import { refused } from '../refused.ts'
import { withDefaults } from './defaults.ts'
import { readGuarded } from './guard.ts'
import { hostNameOf } from './host-name.ts'
import { filesOf } from './include.ts'
import { matches } from './match.ts'
import type { Subject } from './match.ts'
import { fitsOne } from './patterns.ts'
import { valueOf } from './values.ts'
import { readLine, splitWords } from './words.ts'

const SYSTEM = '/etc/ssh/ssh_config'
/** As OpenSSH. */
const DEEPEST = 16
/** Keywords of which every line counts; of all others the first one does. */
const REPEATED = new Set(['identityfile', 'certificatefile'])
interface Reading {
  readonly lookup: Lookup
  readonly found: Map<string, string[]>
  /** Where relative Includes start. */
  readonly folder: string
  /** The user's own file must be theirs alone: it may hold commands. */
  readonly guarded: boolean
}

/**
 * Reads the configuration files where there is no `ssh` to ask: Host, Include, Match by host and user, and the keywords that
 * settings are made of. The parsers on npm were
 * compared with OpenSSH: they change the text of a ProxyCommand, read `?`, single quotes and `Match !host` wrong, and leave out Include.
 */
export async function readConfiguration(lookup: Lookup): Promise<Configuration> {
  const found = new Map<string, string[]>()
  if (lookup.user !== undefined) found.set('user', [lookup.user])
  if (lookup.port !== undefined) found.set('port', [String(lookup.port)])
  const own = join(localUser().home, '.ssh')
  if (lookup.file === undefined) {
    await readInto({ lookup, found, folder: own, guarded: true }, join(own, 'config'), [])
    await readInto({ lookup, found, folder: '/etc/ssh', guarded: false }, SYSTEM, [])
  } else if (lookup.file !== 'none') {
    if (!(await readInto({ lookup, found, folder: own, guarded: false }, lookup.file, []))) {
      throw refused('SSH_CONFIG', `The configuration file ${lookup.file} for ${lookup.name} cannot be read.`, 'Correct ssh_config_file.', { file: lookup.file })
    }
  }
  return withDefaults(found, lookup)
}

/** Whether there was a file. */
async function readInto(reading: Reading, file: string, parents: readonly string[]): Promise<boolean> {
  if (parents.length > DEEPEST) throw refused('SSH_CONFIG', `${parents[0]} includes files too deep, or itself: ${[...parents.slice(-3), file].join(' → ')}.`, 'Take out one of these Includes.', { file })
  const text = await readGuarded(file, reading.guarded)
  if (text === undefined) return false
  let active = true
  for (const line of text.split(/\r?\n/)) {
    const { keyword, rest } = readLine(line) ?? {}
    if (keyword === undefined || rest === undefined) continue
    if (keyword === 'host') active = fitsOne(reading.lookup.name, splitWords(rest))
    else if (keyword === 'match') active = matches(rest, () => subjectOf(reading), file)
    else if (active && keyword === 'include') await include(reading, rest, [...parents, file])
    else if (active) keep(reading.found, keyword, rest, file)
  }
  return true
}

async function include(reading: Reading, rest: string, parents: readonly string[]): Promise<void> {
  for (const word of splitWords(rest)) {
    const pattern = resolve(reading.folder, tilde(word, localUser().home, parents.at(-1) as string))
    if (pattern.includes('[')) throw refused('SSH_CONFIG', `${parents.at(-1)} includes ${word}, whose [ ] only OpenSSH itself understands.`, 'Install the OpenSSH client on this machine, or write * and ? instead.')
    for (const file of await filesOf(pattern)) await readInto(reading, file, parents)
  }
}

function keep(found: Map<string, string[]>, keyword: string, rest: string, file: string): void {
  const value = valueOf(keyword, rest, file)
  const had = found.get(keyword)
  if (value === undefined || (keyword === 'proxyjump' && found.has('proxycommand'))) return
  // Of these two the first counts; but `ProxyJump none` only ends further jumps.
  if (keyword === 'proxycommand' && (found.get('proxyjump')?.[0] ?? 'none') !== 'none') return
  if (had === undefined) found.set(keyword, [value])
  else if (REPEATED.has(keyword) && !had.includes(value)) had.push(value)
}

function subjectOf({ lookup, found }: Reading): Subject {
  const { name } = lookup
  const host = hostNameOf(found, name)
  const localuser = localUser().name
  return { originalhost: name, host, user: found.get('user')?.[0] ?? localuser, localuser }
}
