import { ChaosError, issuePath } from '@chaos/core'
import type { Provider } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { Config } from './config.ts'
import { KEY_TYPES } from './secrets/keys/key-type.ts'

/** Keys of a provider's section that say where keys are kept (`-p NAME.age`). They are ours: a provider does not see them. */
const OURS = new Set(KEY_TYPES.flatMap((type) => [`${type}_id`, `${type}_url`]))

/** The provider of that name, and its section of the config, `secret_providers.NAME`. Throws PLUGIN_MISSING, PROVIDER_CONFIG. */
export async function openProvider(name: string, plugins: Plugins, config: Config): Promise<{ provider: Provider; section: unknown }> {
  const provider = await plugins.load('providers', name)
  return { provider, section: await validated(name, provider, theirs(config.secret_providers?.[name]), plugins) }
}

function explained(name: string, plugins: Plugins): string {
  const from = plugins.list('providers').find((each) => each.name === name)?.package ?? name
  const topic = plugins.list('explain').find((each) => each.package === from)?.name
  return topic === undefined ? `The README of ${from} says what it takes.` : `chaos explain ${topic} shows what it takes.`
}

/** A section with nothing but our keys is none: a provider tells what it was not told. */
function theirs(section: unknown): unknown {
  if (typeof section !== 'object' || section === null || Array.isArray(section)) return section
  const entries = Object.entries(section)
  const rest = entries.filter(([key]) => !OURS.has(key))
  return rest.length === 0 && entries.length > 0 ? undefined : Object.fromEntries(rest)
}

async function validated(name: string, { config: schema }: Provider, section: unknown, plugins: Plugins): Promise<unknown> {
  if (schema === undefined) return section
  const result = await schema['~standard'].validate(section ?? {})
  if (!result.issues) return result.value
  const [issue] = result.issues
  const path = ['secret_providers', name, ...(issue ? issuePath(issue) : [])]
  throw new ChaosError('PROVIDER_CONFIG', {
    message: `The config of the provider ${name} is not right: ${path.join('.')}: ${issue?.message ?? 'invalid'}.`,
    hint: explained(name, plugins),
    details: { path },
  })
}

/** What a provider throws may hold anything; of a stranger's error only the kind is told. */
export function kindOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : 'something that is no error'
}
