import { refused } from '../refused.ts'
import { readSeconds, splitWords } from './words.ts'

/** Keywords whose value is the rest of the line as it stands. */
const TEXT = new Set(['proxycommand', 'proxyjump'])
const SINGLE = new Set([
  'hostname', 'user', 'port', 'identityfile', 'certificatefile', 'identityagent', 'identitiesonly', 'pubkeyauthentication', 'hostkeyalias',
  'stricthostkeychecking', 'hashknownhosts', 'forwardagent', 'proxyusefdpass', 'revokedhostkeys', 'serveralivecountmax',
])
const TIMES = new Set(['connecttimeout', 'serveraliveinterval'])
const LISTS = new Set(['userknownhostsfile', 'globalknownhostsfile'])
const ALGORITHMS = new Set(['ciphers', 'kexalgorithms', 'macs', 'hostkeyalgorithms'])

/** The value of a keyword as `ssh -G` would print it; undefined for keywords that settings have no use for. */
export function valueOf(keyword: string, rest: string, file: string): string | undefined {
  if (TEXT.has(keyword)) return rest === '' ? missing(keyword, file) : rest
  if (LISTS.has(keyword)) return splitWords(rest).map((path) => `"${path}"`).join(' ') || missing(keyword, file)
  if (keyword === 'canonicalizehostname' && rest !== 'no') throw onlyOpenssh(`${file} has CanonicalizeHostname`, 'write whole names', file)
  if (!SINGLE.has(keyword) && !TIMES.has(keyword) && !ALGORITHMS.has(keyword)) return undefined
  const [value = '', ...more] = splitWords(rest)
  if (value === '') missing(keyword, file)
  if (more.length > 0) throw wrong(keyword, file, 'more than one value')
  if (TIMES.has(keyword) && value !== 'none') return String(readSeconds(value) ?? missing(keyword, file))
  if (ALGORITHMS.has(keyword) && /^[-+^]/.test(value)) {
    throw onlyOpenssh(`${file} changes the default ${keyword} (${value})`, 'write the whole list', file)
  }
  return value
}

function onlyOpenssh(what: string, instead: string, file: string): Error {
  return refused('SSH_CONFIG', `${what}, which only OpenSSH itself can do.`, `Install the OpenSSH client on this machine, or ${instead}.`, { file })
}

function missing(keyword: string, file: string): never {
  throw wrong(keyword, file, 'no value that can be read')
}

function wrong(keyword: string, file: string, what: string): Error {
  return refused('SSH_CONFIG', `${file} has a ${keyword} with ${what}.`, 'Correct the file; paths with blanks stand in quotes.', { file })
}
