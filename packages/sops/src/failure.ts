import { ChaosError } from '@chaos/core'

/** Every code of this package. They are stable: programs may match them. */
export type SopsCode =
  | 'SOPS_AGE_RECIPIENT' | 'SOPS_ALREADY' | 'SOPS_CONFIG' | 'SOPS_DUPLICATE_KEY' | 'SOPS_FORMAT' | 'SOPS_GPG' | 'SOPS_IDENTITY' | 'SOPS_KEY_KIND'
  | 'SOPS_MAC' | 'SOPS_METADATA' | 'SOPS_NOT_SOPS' | 'SOPS_NO_KEY' | 'SOPS_NO_RECIPIENT' | 'SOPS_NO_RULE' | 'SOPS_PATH' | 'SOPS_PLAIN' | 'SOPS_REGEX'
  | 'SOPS_SHARES' | 'SOPS_SYNTAX' | 'SOPS_TEXT' | 'SOPS_THRESHOLD' | 'SOPS_TOO_LARGE' | 'SOPS_UNSUPPORTED' | 'SOPS_VALUE'

export interface FailureOptions {
  message: string
  hint?: string
  /** Keys that lead to the value; they stand in clear in every sops file. */
  path?: readonly (string | number)[]
  /** Line and column, from 1. */
  at?: { line: number; column: number }
  details?: Record<string, unknown>
}

/**
 * An error about the sops file `file`. Causes are left out on purpose: what a parser or a cipher says may quote the text it
 * was given, and that is a secret.
 */
export function failure(code: SopsCode, file: string, { message, hint, path, at, details }: FailureOptions): ChaosError {
  return new ChaosError(code, {
    message: `${file}: ${message}`,
    ...(hint !== undefined && { hint }),
    ...(at && { position: { file, ...at } }),
    details: { file, ...(path && { path: [...path] }), ...details },
  })
}
