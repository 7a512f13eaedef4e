import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { PluginContext } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import type { Place } from '../client/errors.ts'
import type { KnownHosts } from '../known-hosts/contract.ts'
import { knownHostsFile, refresh } from '../known-hosts/file.ts'

/**
 * Whether ssh may keep the key that a host shows: `accept-new`, and no file has any line for it. ssh itself takes a host for a new
 * one that only a certificate authority vouches for.
 */
export function mayBeNew({ settings }: Place, known: KnownHosts): boolean {
  return settings.strict === 'accept-new' && known.judge(Buffer.alloc(0)).state === 'unknown'
}

/** That a key can be kept at all: ssh only warns, goes on, and would accept any other one the next time. */
export async function checkKeeping({ settings, target }: Place): Promise<void> {
  const file = settings.knownHosts[0]
  try {
    if (file === undefined || file === '/dev/null') throw new Error('nothing can be kept there')
    // The folder alone, as ssh makes ~/.ssh.
    await mkdir(dirname(file), { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await (await open(file, 'a', 0o600)).close()
  } catch (cause) {
    throw new ChaosError('KNOWN_HOSTS_UNWRITABLE', {
      message: `A host key cannot be kept in ${file ?? 'a known_hosts file'}: ${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}.`,
      hint: 'Name a file that can be written: ssh_known_hosts_file in the Ch-obolo, or UserKnownHostsFile in the SSH configuration.',
      host: target.host,
      details: { retry: false },
      cause,
    })
  }
}

/** Has this run know what ssh has kept, so that the host is no new one again. */
export async function learnKept({ settings }: Place, context: PluginContext): Promise<void> {
  const file = settings.knownHosts[0]
  if (file !== undefined) await refresh(await knownHostsFile(file, context))
}
