import type { PluginContext } from '@chaos/core'

type Run = PluginContext['run']

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs a program of this machine as plugins do: without a shell, bounded, ended with all it started. */
export const runProgram: Run = runUntil(new AbortController().signal)

/** The same, until this ends it too. A signal to us ends the program, so that who waits for it can clean up. */
export function runUntil(until: AbortSignal): Run {
  return async (argv, options) => {
    const { createPluginContexts, createRedactor } = await import('@chaos/engine')
    const ended = new AbortController()
    const end = (): void => ended.abort()
    for (const signal of SIGNALS) process.on(signal, end)
    try {
      return await createPluginContexts({ signal: AbortSignal.any([until, ended.signal]), emit: () => undefined, redactor: createRedactor() }).of().run(argv, options)
    } finally {
      for (const signal of SIGNALS) process.off(signal, end)
    }
  }
}
