import type { PluginContext } from '@chaos/core'

/** Runs a program of this machine as plugins do: without a shell, bounded, ended with all it started. */
export const runProgram: PluginContext['run'] = async (argv, options) => {
  const { createPluginContexts, createRedactor } = await import('@chaos/engine')
  return createPluginContexts({ signal: new AbortController().signal, emit: () => undefined, redactor: createRedactor() }).of().run(argv, options)
}
