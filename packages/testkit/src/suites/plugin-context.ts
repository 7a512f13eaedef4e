import type { PluginContext } from '@chaos/core'
import { createPluginContexts, createRedactor } from '@chaos/engine'

/** What a plugin is given, for tests without a run: it is the engine's own, really runs programs, and asks nobody. */
export function pluginContext(): PluginContext & { reports: { key: string; value: string; text: string }[] } {
  const reports: { key: string; value: string; text: string }[] = []
  const context = createPluginContexts({ signal: new AbortController().signal, emit: () => undefined, redactor: createRedactor() }).of()
  return {
    ...context,
    reports,
    report: (entry) => void reports.push(entry),
    prompt: async ({ text: question }) => {
      throw new Error(`A test has nobody to ask: ${question}`)
    },
  }
}
