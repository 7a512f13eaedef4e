import { ChaosError } from '@chaos/core'

interface Asked {
  /** What op was asked about, in the user's words. */
  about: string
  code: number
  account: string | undefined
}

/** What op says when it refuses, as far as it tells why. Of two that fit, the first counts. */
const KNOWN: readonly { said: RegExp; code: string; why: string; hint: string }[] = [
  { said: /not (currently )?signed in|no accounts? configured|session expired|invalid session token|sign in to (your|an) account/i, code: 'OP_SIGNED_OUT', why: 'nobody is signed in to 1Password', hint: 'eval $(op signin), or allow op in the settings of the app, or give OP_SERVICE_ACCOUNT_TOKEN.' },
  { said: /authorization (prompt|denied|timeout)|prompt dismissed|connecting to desktop app|cannot connect to 1Password app/i, code: 'OP_NOT_ALLOWED', why: 'the 1Password app did not allow it', hint: 'Unlock the app, and allow op when it asks.' },
  { said: /\(429\)|too many requests|rate limit/i, code: 'OP_RATE_LIMIT', why: '1Password has had too many requests', hint: 'Wait a while: op service-account ratelimit tells how long.' },
  { said: /\(40[13]\)|forbidden|unauthorized|not authorized|permission/i, code: 'OP_NO_ACCESS', why: 'the account may not do that', hint: 'Give the account or the service account access to the vault.' },
  { said: /more than one (item|vault|field)|multiple (items|vaults|fields)/i, code: 'OP_AMBIGUOUS', why: 'several are called so', hint: 'Name it by its id: op item list --vault VAULT' },
  { said: /isn't a vault/i, code: 'OP_VAULT_MISSING', why: 'there is no such vault that the account may see', hint: 'op vault list shows which there are; op account list, whether the account is the right one.' },
  { said: /does not have a (field|section)|isn't a (field|section)/i, code: 'OP_FIELD_MISSING', why: 'the item has no such field', hint: 'op item get ITEM --vault VAULT shows its fields.' },
  { said: /isn't an item|could not find item|item not found/i, code: 'OP_ITEM_MISSING', why: 'there is no such item', hint: 'op item list --vault VAULT shows which there are.' },
  { said: /invalid (secret )?reference|invalid character in secret reference/i, code: 'OP_REFERENCE', why: 'op does not take the reference', hint: 'A name with other signs than letters, digits, blanks and - _ . is given by its id.' },
]

/** What op repeats of what it was given: an item may be called "permission". */
const ECHO = /"[^"\n]*"|'?op:\/\/[^':\n]*'?|could not get item [^:\n]*: /g

/** Why op ended with a code other than 0: `OP_SIGNED_OUT`, `OP_ITEM_MISSING`, …; `OP_FAILED` where it says nothing that is known. */
export function refusal(stderr: string, { about, code, account }: Asked): ChaosError {
  const words = stderr.replaceAll(ECHO, '')
  const known = KNOWN.find(({ said }) => said.test(words))
  const details = { about, code, ...(account !== undefined && { account }) }
  if (known) return new ChaosError(known.code, { message: `${about}: ${known.why}${account === undefined ? '' : ` (account ${account})`}.`, hint: known.hint, details })
  return new ChaosError('OP_FAILED', { message: `${about}: op ended with ${code}.`, hint: 'Run op by hand: what it says is not shown here, because it may hold secrets.', details })
}
