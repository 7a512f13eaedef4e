import { ChaosError } from '@chaos/core'
import type { Answer } from './http.ts'
import { at, parseJson } from './json.ts'
import type { Settings } from './settings.ts'

/** What an answer that is no success says. Of its text nothing is shown: who stands between may put anything there. */
export function statusError({ name, namespace }: Settings, { status, headers, text }: Answer, path: string): ChaosError {
  const failed = (code: string, message: string, hint: string): ChaosError => new ChaosError(code, { message, hint, details: { address: name, path, status } })
  if (status === 503 && isSealed(text)) return failed('VAULT_SEALED', `Vault at ${name} is sealed.`, 'Somebody who holds its keys must unseal it: vault operator unseal')
  if (status === 429) return failed('VAULT_BUSY', `Vault at ${name} has too many questions (429)${later(headers['retry-after'])}.`, 'Try again later, or raise its rate limit.')
  if (status === 412) return failed('VAULT_BUSY', `Vault at ${name} has not caught up with its own state (412).`, 'Try again.')
  if (status === 403) {
    const where = namespace === undefined ? '' : ` in the namespace ${namespace}`
    return failed('VAULT_DENIED', `Vault at ${name} denies ${path}${where} to this token.`, 'The token may have ended, its policies may not allow the path, or no engine is there: vault token lookup, vault token capabilities PATH')
  }
  if (status >= 500) return failed('VAULT_FAILED', `Vault at ${name}, or what stands before it, failed at ${path} (${status})${later(headers['retry-after'])}.`, 'Look at its log: vault status')
  return notVault(name, { status, headers }, path)
}

/** A page of a proxy, say. */
export function notVault(name: string, { status, headers }: Pick<Answer, 'status' | 'headers'>, path: string): ChaosError {
  const type = /^[\w./+-]{1,60}/.exec(headers['content-type'] ?? '')?.[0] ?? 'no type'
  return new ChaosError('VAULT_ANSWER', {
    message: `${name} answered ${path} in a way that Vault does not (${status}, ${type}).`,
    hint: 'Look whether the address is right, and whether a proxy stands before Vault.',
    details: { address: name, path, status },
  })
}

export function isSealed(text: string): boolean {
  const errors = at(parseJson(text)?.value, 'errors')
  return Array.isArray(errors) && errors.some((each) => typeof each === 'string' && /is sealed/i.test(each))
}

/** Seconds that an answer asks to wait. */
export function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header)
  const time = Date.parse(header)
  return Number.isNaN(time) ? undefined : Math.max(0, Math.ceil((time - Date.now()) / 1000))
}

function later(header: string | undefined): string {
  const seconds = retryAfter(header)
  return seconds === undefined || seconds === 0 ? '' : `, and asks to come back in ${seconds} seconds`
}
