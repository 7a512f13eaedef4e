import { Buffer } from 'node:buffer'
import { ChaosError } from '@chaos/core'
import type { ProviderContext, Secret } from '@chaos/core'
import type { GopassConfig } from './config.ts'

/** Seconds: somebody may have to find the window, and type a passphrase. */
const TIMEOUT = 60
/** Bytes of an entry: more is no password. Of a list too, which is cut there. */
export const MAX_OUTPUT = 1024 * 1024

export interface Result {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs gopass, with nothing on stdin but what is to be stored. */
export async function gopass(args: readonly string[], context: ProviderContext, stdin?: Secret): Promise<Result> {
  const timeout = (context.config as GopassConfig | undefined)?.timeout ?? TIMEOUT
  const { code, stdout, stderr } = await context.run(['gopass', ...args], { timeout, maxOutput: MAX_OUTPUT + 1, encoding: 'base64', ...(stdin && { stdin }) })
  return { code, stdout: Buffer.from(stdout, 'base64'), stderr }
}

/**
 * The names of all entries in all stores, mounted ones with the name of their mount before them. Undefined = it is the
 * other program of that name, which Debian has (github.com/aviau/gopass): of one store, and without such a list.
 */
export async function entries(context: ProviderContext): Promise<readonly string[] | undefined> {
  const { code, stdout, stderr } = await gopass(['ls', '--flat'], context)
  if (code === 0) return stdout.toString().split('\n').filter((line) => line !== '')
  if (/not defined: -flat/.test(stderr)) return undefined
  throw new ChaosError('GOPASS_STORE', { message: `gopass ended with ${code} and listed no entries.`, hint: 'Run it by hand: gopass ls. Where there is no store yet, gopass setup makes one.', details: { code } })
}
