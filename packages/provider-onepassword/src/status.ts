import { isChaosError } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import * as z from '@chaos/operations/zod'
import { parsed } from './json.ts'
import { op } from './op.ts'

/** `op whoami` would be the question, but says "not signed in" now and then where the app allows everything. */
export async function status(context: ProviderContext): Promise<{ ready: boolean; text: string }> {
  try {
    const vaults = parsed(await op(['vault', 'list', '--format', 'json'], context, { about: '1Password' }), z.array(z.unknown()), 'op vault list')
    return { ready: vaults.length > 0, text: `1Password is there; ${vaults.length === 1 ? 'one vault' : `${vaults.length || 'no'} vaults`} can be seen.` }
  } catch (error) {
    if (!isChaosError(error)) throw error
    return { ready: false, text: `${error.message} ${error.hint ?? ''}`.trim() }
  }
}
