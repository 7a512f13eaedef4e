import { randomBytes } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import path from 'node:path'
import type { PluginContext } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'
import type { KnownHosts } from './contract.ts'
import { knownHostsFile, refresh } from './file.ts'
import { keyType } from './key.ts'
import { hashName, SALT } from './names.ts'
import { readKnownHosts } from './read.ts'
import { refusal } from './refusal.ts'

type AppendSettings = Pick<Settings, 'name' | 'hostname' | 'port' | 'knownAs' | 'knownHosts' | 'hashKnownHosts'>
type AppendContext = Pick<PluginContext, 'cache'>

/**
 * Keeps the key of a host that is not known yet, for `accept-new`. The files are judged once more under way: a key that another
 * connection or process has kept in the meantime is not kept twice, and another key than that is refused as changed.
 */
export function appendKnownHost(settings: AppendSettings, key: Uint8Array, context: AppendContext): Promise<void> {
  return appendKnownHosts(settings, context, (known) => {
    const verdict = known.judge(key)
    if (verdict.state === 'trusted') return []
    if (verdict.state !== 'unknown') throw refusal(settings, verdict, key)
    return [key]
  })
}

/** Keeps those keys that `choose` takes when it has seen the files as they are now. */
export async function appendKnownHosts(settings: AppendSettings, context: AppendContext, choose: (known: KnownHosts) => readonly Uint8Array[]): Promise<void> {
  const { knownAs, knownHosts } = settings
  const target = knownHosts[0]
  if (target === undefined || target === '/dev/null') throw unwritable(target, 'nothing can be kept there')
  // A name that means more than one host, or that would end the line.
  if (!/^[^\s,*?!|#@\p{Cc}]+$/u.test(knownAs)) throw unwritable(target, `${JSON.stringify(knownAs)} is no name for one host`)
  const file = await knownHostsFile(target, context)
  const known = await readKnownHosts(settings, context)
  await file.alone(async () => {
    await refresh(file)
    const added = choose(known).map((key) => `${makeLine(settings, key)}\n`)
    if (added.length === 0) return
    await appendText(target, added.join(''))
    await refresh(file)
  })
}

function makeLine({ name, knownAs, hashKnownHosts }: AppendSettings, key: Uint8Array): string {
  const type = keyType(key)
  if (type === undefined) throw new ChaosError('HOST_KEY_INVALID', { message: `${name} shows something that is no host key.`, host: name, details: { retry: false } })
  const host = knownAs.toLowerCase()
  return `${hashKnownHosts ? hashName(host, randomBytes(SALT)) : host} ${type} ${Buffer.from(key).toString('base64')}`
}

/** One write at the end of the file, so that what several processes append does not mix. */
async function appendText(target: string, text: string): Promise<void> {
  try {
    // The folder alone, as ssh makes ~/.ssh: a longer path that is not there is rather misspelt.
    await mkdir(path.dirname(target), { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const file = await open(target, 'a+', 0o600)
    try {
      const { size } = await file.stat()
      const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))
      const bytes = Buffer.from(bytesRead === 1 && buffer.toString() !== '\n' ? `\n${text}` : text)
      const { bytesWritten } = await file.write(bytes)
      if (bytesWritten < bytes.length) throw new Error('the disk is full')
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw unwritable(target, (cause as NodeJS.ErrnoException).code ?? (cause as Error).message, cause)
  }
}

function unwritable(target: string | undefined, why: string, cause?: unknown): ChaosError {
  return new ChaosError('KNOWN_HOSTS_UNWRITABLE', {
    message: target === undefined ? 'A host key cannot be kept: there is no known_hosts file.' : `A host key cannot be kept in ${target}: ${why}.`,
    hint: 'Name a file that can be written: ssh_known_hosts_file in the Ch-obolo, or UserKnownHostsFile in the SSH configuration.',
    details: { retry: false },
    ...(cause === undefined ? {} : { cause }),
  })
}
