import type { Content } from './operation.ts'
import type { Secret } from './secret.ts'

/** How a program of the controller is run. */
export interface RunProgramOptions {
  /** What it reads; a secret goes this way, never into its arguments. Default: nothing. */
  stdin?: Content
  /** Seconds. Default 60. */
  timeout?: number
  /** Bytes of stdout and of stderr that are kept. Default 10 MiB. */
  maxOutput?: number
  /** How stdout is given: as text, or in base64 for a program that writes bytes. Default utf8. */
  encoding?: 'utf8' | 'base64'
  /** Where it runs. Default: the current folder. */
  cwd?: string
  /** Beside the variables of chaos itself. */
  env?: Readonly<Record<string, string>>
}

/** What connectors, providers and boats are given. */
export interface PluginContext {
  /** Runs a program of the controller without a shell: bounded, and ended with all it started. */
  run(argv: readonly string[], options?: RunProgramOptions): Promise<{ code: number; stdout: string; stderr: string }>
  /** Aborts when the run is interrupted. */
  readonly signal: AbortSignal
  /** Shared by all calls of one run. */
  cache<T>(key: string, make: () => Promise<T>): Promise<T>
  /** Shown in the summary, NDJSON and journal: a new image's id, say. */
  report(entry: { key: string; value: string; text: string }): void
  /** Asks the user. Only before work starts; rejects without a terminal. */
  prompt(question: { text: string; secret?: boolean }): Promise<string | Secret>
}
