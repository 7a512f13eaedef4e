import type { PluginContext } from '@chaos/core'
import type { Redactor } from '@chaos/engine'
import { tellWithout } from './show-error.ts'
import { pluginPrompt } from './target.ts'

/** What a provider is given before a run begins, for each reading until its signal: what it reports then has no listener yet. */
export async function providerContext(redactor: Promise<Redactor>): Promise<(until: AbortSignal) => PluginContext> {
  const { createPluginContexts } = await import('@chaos/engine')
  const contexts = createPluginContexts({ signal: new AbortController().signal, emit: () => undefined, redactor: tellWithout(await redactor), ...pluginPrompt() })
  return (until) => contexts.of(undefined, until)
}
