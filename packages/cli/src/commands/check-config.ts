import type { Problem } from '@chaos/chobolo'
import { isChaosError, nearest } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { OpenConfig } from '../config.ts'
import { openProvider } from '../provider-config.ts'

/** `default` is the key of `-p` alone; the others are what the Python tool calls its providers. */
const NO_PROVIDER = ['default', 'bw', 'bws', 'dp', 'in', 'op', 'rbw']

/** What in the config may be a mistake: keys that mean nothing, and sections of providers that are misspelt or do not fit. */
export async function checkConfig({ config, place, unknown }: OpenConfig, plugins: Plugins): Promise<Problem[]> {
  const installed = plugins.list('providers').map(({ name }) => name)
  const problems = [...unknown]
  for (const name of Object.keys(config.secret_providers ?? {})) {
    const warn = (code: string, message: string, hint: string | undefined, at: readonly PropertyKey[] = ['secret_providers', name]): void =>
      void problems.push({ code, severity: 'warning', message, ...(hint !== undefined && { hint }), ...place(at) })
    if (installed.includes(name)) {
      try {
        await openProvider(name, plugins, config)
      } catch (error) {
        if (!isChaosError(error)) throw error
        // One that cannot be loaded is told with the other plugins.
        if (error.code === 'PROVIDER_CONFIG') warn(error.code, error.message, error.hint, error.details?.['path'] as PropertyKey[])
      }
    } else {
      // The config is the user's, plugins are a project's: most of those that are not here are elsewhere.
      const [near] = nearest(name, [...installed, ...NO_PROVIDER])
      if (near !== undefined && !NO_PROVIDER.includes(name)) warn('CONFIG_KEY_UNKNOWN', `There is no provider \`${name}\`, of which the config has a section.`, `Did you mean \`${near}\`?`)
    }
  }
  return problems
}
