import { fileURLToPath } from 'node:url'
import { ChaosError, secret } from '@chaos/core'
import type { ProviderContext, Secret } from '@chaos/core'
import type { KeyringConfig } from './config.ts'

/** Seconds: somebody may have to find the window, and type a password. */
const TIMEOUT = 60
/** Seconds more, after which the process is ended that did not end itself. */
const GRACE = 15

export type Request = { action: 'status' } | { action: 'read'; service: string; account: string } | { action: 'write'; service: string; account: string; value: Secret }
/** A value is in base64: what a keyring holds need not be text. */
export interface Answer {
  readonly value?: string
  readonly missing?: true
  readonly exists?: true
}
type Failed = { failed: 'load' | 'open' | 'use' | 'time'; reason?: string }

/** Asks the keyring, in a process of its own: see bin/keyring.js. Nothing of it stands in arguments. */
export async function ask(request: Request, context: ProviderContext): Promise<Answer> {
  const timeout = (context.config as KeyringConfig | undefined)?.timeout ?? TIMEOUT
  const { code, stdout } = await context.run([process.execPath, fileURLToPath(new URL('../bin/keyring.js', import.meta.url))], { stdin: asJson(request, timeout), timeout: timeout + GRACE })
  const answer = parsed(stdout)
  if (answer === undefined) throw new ChaosError('KEYRING_FAILED', { message: `The process that asks the keyring ended with ${code} and without an answer.`, hint: 'Try again; if it stays so, the keyring of this machine cannot be used.', details: { code } })
  if ('failed' in answer) throw failure(answer, timeout)
  return answer
}

function asJson(request: Request, timeout: number): Secret {
  // The service and account of a status are never looked up.
  const { value = secret(''), ...rest } = { service: 'chaos', account: 'chaos', ...request } as { value?: Secret; action: string }
  return value.map((text) => JSON.stringify({ ...rest, value: text, timeout }))
}

function parsed(stdout: string): Answer | Failed | undefined {
  try {
    return JSON.parse(stdout) as Answer | Failed
  } catch {
    return undefined
  }
}

/** What the keyring says is told only where it cannot hold a secret, before anything was looked up. */
function failure({ failed, reason = '' }: Failed, timeout: number): ChaosError {
  if (failed === 'load') {
    return new ChaosError('KEYRING_UNAVAILABLE', { message: `The module for keyrings, @napi-rs/keyring, cannot be loaded on ${process.platform} ${process.arch}.`, hint: 'Install again without leaving out optional dependencies, or take another provider: pass, age, exec.', details: { reason } })
  }
  if (failed === 'open' || reason.includes('no result found')) {
    return new ChaosError('KEYRING_UNAVAILABLE', {
      message: 'There is no keyring that chaos could use in this session.',
      hint: 'On a desktop of Linux start chaos within it, so that $DBUS_SESSION_BUS_ADDRESS is set, with a default keyring in gnome-keyring or kwallet. On a server take another provider: pass, age, exec.',
      details: failed === 'open' ? { reason } : {},
    })
  }
  if (failed === 'time') {
    return new ChaosError('KEYRING_TIMEOUT', { message: `The keyring gave no answer within ${timeout} seconds.`, hint: 'It is perhaps locked and asks in a window. Unlock it before, or give it more time: secret_providers: keyring: { timeout: 300 }', details: { timeout } })
  }
  if (/dismissed|locked/i.test(reason)) {
    return new ChaosError('KEYRING_LOCKED', { message: 'The keyring is locked, and nobody unlocked it.', hint: 'Unlock it before: log in to the desktop, or open the program that shows its passwords.' })
  }
  if (/matched by|ambiguous/i.test(reason)) {
    return new ChaosError('KEYRING_AMBIGUOUS', { message: 'The keyring has several entries for that service and account.', hint: 'Remove all but one, in the program that shows its passwords.' })
  }
  return new ChaosError('KEYRING_FAILED', { message: 'The keyring refused.', hint: 'Look at the entry in the program that shows its passwords. What the keyring says is not shown here, because it may hold the secret.' })
}
