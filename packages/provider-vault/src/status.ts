import { isChaosError } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import type { VaultConfig } from './config.ts'
import { at } from './json.ts'
import { sessionOf } from './session.ts'

/** Whether Vault takes the token, and how long. */
export async function statusOf(context: ProviderContext<VaultConfig | undefined>): Promise<{ ready: boolean; text: string }> {
  try {
    const { ask, settings, config } = await sessionOf(context)
    const { value } = await ask({ path: 'auth/token/lookup-self' }, context.signal)
    const ttl = at(value, 'data', 'ttl')
    const end = typeof ttl !== 'number' || ttl === 0 ? 'which does not end' : `which ends in ${duration(ttl)}`
    return { ready: true, text: `Vault at ${settings.name} takes ${config.auth ? `the login by ${config.auth.method}` : 'the token'}, ${end}.` }
  } catch (error) {
    if (isChaosError(error)) return { ready: false, text: error.message }
    throw error
  }
}

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

function duration(seconds: number): string {
  const [size, unit] = UNITS.find(([size]) => seconds >= 2 * size) ?? [1, 'second']
  const count = Math.floor(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
