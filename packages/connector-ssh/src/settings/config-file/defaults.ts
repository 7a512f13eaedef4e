import type { Configuration, Lookup } from '../lookup.ts'
import { checkHost, checkPort, checkUser } from '../names.ts'
import { localUser } from '../paths.ts'
import { fillPath, pathTokens } from '../tokens.ts'
import { hostNameOf } from './host-name.ts'
import { splitWords } from './words.ts'

const DEFAULTS: readonly (readonly [string, readonly string[]])[] = [
  ['port', ['22']],
  ['userknownhostsfile', ['~/.ssh/known_hosts ~/.ssh/known_hosts2']],
  ['globalknownhostsfile', ['/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2']],
]

/** Adds what was not said, and fills in what `ssh -G` prints filled in. */
export function withDefaults(read: ReadonlyMap<string, readonly string[]>, { name }: Lookup): Configuration {
  const found = new Map<string, readonly string[]>([['user', [localUser().name]], ...DEFAULTS, ...read])
  const hostname = hostNameOf(read, name).toLowerCase()
  const first = (key: string): string => found.get(key)?.[0] ?? ''
  const tokens = pathTokens({
    name,
    hostname: checkHost(hostname, `The HostName of ${name}`),
    user: checkUser(first('user'), `The user of ${name}`),
    port: checkPort(first('port'), `The port of ${name}`),
    alias: found.get('hostkeyalias')?.[0],
  })
  const fill = (path: string): string => (path === 'none' ? path : fillPath(path, tokens, `A path for ${name}`))
  found.set('hostname', [hostname])
  found.set('userknownhostsfile', [splitWords(first('userknownhostsfile')).map((path) => `"${fill(path)}"`).join(' ')])
  for (const key of ['identityagent', 'forwardagent']) {
    const value = first(key)
    if (/^(?:[~/]|\$\{)/.test(value)) found.set(key, [fill(value)])
  }
  return found
}
