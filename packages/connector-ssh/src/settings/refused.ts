import { ChaosError } from '@chaos/core'

/**
 * An error of the settings: `SSH_NAME` a host, user or port that is not taken, `SSH_DATA` the host's data, `SSH_CONFIG` a
 * configuration file, `SSH_JUMP_LOOP` hops that lead back. Trying again would say the same.
 */
export function refused(code: 'SSH_NAME' | 'SSH_DATA' | 'SSH_CONFIG' | 'SSH_JUMP_LOOP', message: string, hint: string, details: Record<string, unknown> = {}, cause?: unknown): ChaosError {
  return new ChaosError(code, { message, hint, details: { ...details, retry: false }, ...(cause === undefined ? {} : { cause }) })
}
