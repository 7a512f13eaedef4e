import { resolve } from 'node:path'
import { splitWords } from './config-file/words.ts'
import type { HostData } from './keys.ts'
import type { Configuration } from './lookup.ts'
import { dataPath, localUser, tilde } from './paths.ts'

/** The files with trusted keys: those of the data alone, or the user's and then the system's. `none` for the user's is /dev/null: nothing is kept. */
export function knownHostsOf({ ssh_known_hosts_file: own }: HostData, found: Configuration): string[] {
  if (own !== undefined) return [own].flat().map(dataPath)
  const { home } = localUser()
  const list = (key: string): string[] => splitFiles(found.get(key)?.[0] ?? '')
  const path = (file: string): string => (file === 'none' ? '/dev/null' : resolve(tilde(file, home, 'a list of known_hosts files')))
  return [...list('userknownhostsfile').map(path), ...list('globalknownhostsfile').filter((file) => file !== 'none').map(path)]
}

/**
 * `ssh -G` prints names with blanks in them without quotes, but with `~` filled in: where the first file begins with /, what
 * does not belongs to the one before. Relative names have no blanks then.
 */
function splitFiles(text: string): string[] {
  if (text.includes('"')) return splitWords(text)
  const parts = text.split(' ').filter(Boolean)
  if (!/^[/~]/.test(text)) return parts
  return parts.reduce<string[]>((files, part) => (/^[/~]/.test(part) ? [...files, part] : [...files.slice(0, -1), `${files.at(-1)} ${part}`]), [])
}
