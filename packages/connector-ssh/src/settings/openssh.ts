import type { PluginContext } from '@chaos/core'
import type { Configuration, Lookup } from './lookup.ts'
import { fileOf } from './lookup.ts'
import { refused } from './refused.ts'

/** Seconds. `Match exec` and canonical names may take their time. */
const TIMEOUT = 30

/** What `ssh -G` prints of a host; undefined where ssh is missing or will not run at all. The names have passed the allow-lists. */
export async function askSsh(lookup: Lookup, context: PluginContext): Promise<Configuration | undefined> {
  const { name, user, port, file } = lookup
  const argv = [
    'ssh', '-G',
    ...(file === undefined ? [] : ['-F', file]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--', name,
  ]
  const result = await context.run(argv, { timeout: TIMEOUT }).catch((error: { code?: unknown }) => {
    if (error.code === 'PROGRAM_MISSING' || error.code === 'ENOENT') return undefined
    throw error
  })
  // In a container that runs as a number without a user, ssh says nothing else.
  if (result === undefined || result.stderr.startsWith('No user exists')) return undefined
  if (result.code !== 0) throw notUnderstood(lookup, result.stderr)
  return parse(result.stdout)
}

function parse(text: string): Configuration {
  const found = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\S+) (.*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) continue
    found.set(key.toLowerCase(), [...(found.get(key.toLowerCase()) ?? []), value])
  }
  return found
}

function notUnderstood(lookup: Lookup, stderr: string): Error {
  const why = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Pseudo-terminal')).join('; ')
  const details = { name: lookup.name, file: fileOf(lookup), stderr: why }
  if (why.includes('jumphost loop')) return refused('SSH_JUMP_LOOP', `${lookup.name} has itself as its ProxyJump in ${fileOf(lookup)}.`, `Leave it out of that section: Host * !${lookup.name}`, details)
  return refused('SSH_CONFIG', `ssh does not understand its configuration for ${lookup.name} (${fileOf(lookup)}): ${why}`, 'Correct the file; `ssh -G HOST` says the same.', details)
}
