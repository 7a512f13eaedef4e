import type { PluginContext } from '@chaos/core'
import type { Redactor } from '@chaos/engine'
import { pluginPrompt } from './target.ts'

/** What a provider is given before a run begins: what it reports then has no listener yet. */
export async function providerContext(redactor: Promise<Redactor>): Promise<PluginContext> {
  const { createPluginContexts } = await import('@chaos/engine')
  return createPluginContexts({ signal: new AbortController().signal, emit: () => undefined, redactor: await redactor, ...pluginPrompt() }).of()
}
