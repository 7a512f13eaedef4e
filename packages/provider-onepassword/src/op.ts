import { ChaosError, isChaosError } from '@chaos/core'
import type { ProviderContext, RunProgramOptions } from '@chaos/core'
import type { OnePasswordConfig } from './config.ts'
import { refusal } from './refusal.ts'

/** Seconds. */
const TIMEOUT = 60
/** Bytes of a secret: more is rubbish. */
export const MAX_OUTPUT = 1024 * 1024
/** What else the user's environment may say would change what op prints. */
const PLAIN = { OP_FORMAT: '', OP_DEBUG: '' }

export const settings = (context: ProviderContext): OnePasswordConfig => context.config ?? {}

/**
 * Runs op, and gives what it printed, in base64 where asked for. Throws `OP_MISSING`, those of {@link refusal} and `PROGRAM_TIMEOUT`.
 * What op says is never passed on: it may hold what it was given.
 */
export async function op(args: readonly string[], context: ProviderContext, { about, ...options }: { about: string } & Pick<RunProgramOptions, 'stdin' | 'encoding' | 'maxOutput'>): Promise<string> {
  const { account, timeout = TIMEOUT } = settings(context)
  const argv = ['op', ...args, ...(account === undefined ? [] : ['--account', account])]
  const { code, stdout, stderr } = await context.run(argv, { env: PLAIN, timeout, ...options }).catch((error: unknown) => {
    throw isChaosError(error) && error.code === 'PROGRAM_MISSING' ? missing() : error
  })
  if (code !== 0) throw refusal(stderr, { about, code, account })
  return stdout
}

function missing(): ChaosError {
  return new ChaosError('OP_MISSING', { message: 'The program op is not there.', hint: 'Install the command line of 1Password, version 2: https://developer.1password.com/docs/cli/get-started', details: { program: 'op' } })
}
