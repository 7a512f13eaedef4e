import { ChaosError } from '@chaos/core'

/** Why sops ended with a code, as its documentation lists them. What it prints is shown nowhere: it may quote what it could not read. */
const WHY: Readonly<Record<number, { code: string; why: string; hint: string }>> = {
  2: { code: 'SECRETS_SOPS', why: 'it cannot read it', hint: 'Look at whether the file is whole.' },
  3: { code: 'SECRETS_SOPS', why: 'it cannot write what it makes of it', hint: 'Look at whether there is room.' },
  24: { code: 'SOPS_MAC', why: 'its seal (sops.mac) cannot be decrypted', hint: 'Restore the file from a copy, and change it with chaos or sops only.' },
  25: { code: 'SOPS_VALUE', why: 'a value cannot be decrypted: it was changed, or moved here from another place', hint: 'Restore the file from a copy.' },
  51: { code: 'SOPS_MAC', why: 'it was changed after it was sealed (MAC mismatch)', hint: 'Restore the file from a copy, and change it with chaos or sops only.' },
  52: { code: 'SOPS_MAC', why: 'it has no seal (sops.mac)', hint: 'Restore the file from a copy.' },
  100: { code: 'SECRETS_SOPS', why: 'it is too old for what was asked', hint: 'Install sops 3.9 or newer.' },
  128: { code: 'SOPS_NO_KEY', why: 'it gets none of the keys that would open it', hint: 'Log in where its keys are.' },
  201: { code: 'SECRETS_SOPS', why: 'it does not take the text', hint: 'Look at it: sops wants a map, without a key sops.' },
}

export interface SopsFailure {
  readonly file: string
  readonly code: number
  /** What sops was to do, as a command that shows more by hand. */
  readonly byHand: string
}

export function sopsFailure({ file, code, byHand }: SopsFailure): ChaosError {
  const known = WHY[code] ?? { code: 'SECRETS_SOPS', why: `it ended with ${code}`, hint: '' }
  return new ChaosError(known.code, { message: `${file}: the sops binary refuses it: ${known.why}.`, hint: `${known.hint} By hand sops says more: ${byHand}`.trim(), details: { file, program: 'sops', code } })
}

/** Something else than the code is wrong with what sops did. */
export function sopsOdd(file: string, what: string, hint: string): ChaosError {
  return new ChaosError('SECRETS_SOPS', { message: `${file}: ${what}.`, hint, details: { file, program: 'sops' } })
}
