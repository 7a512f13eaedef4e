import { Buffer } from 'node:buffer'
import { ChaosError, secret } from '@chaos/core'
import type { ProviderContext, Secret } from '@chaos/core'
import { MAX_OUTPUT, op, settings } from './op.ts'
import { fullReference } from './reference.ts'
import { makeTurns } from './turns.ts'

/** One `op read` for each reference of a run: `op inject` reads several, but has a language of its own and fails for all together. */
export async function readSecret(given: string, context: ProviderContext): Promise<Secret> {
  const reference = fullReference(given, settings(context))
  const account = settings(context).account ?? ''
  const turns = await context.cache('provider-onepassword:turns', async () => makeTurns())
  // A code that lasts seconds is not kept.
  if (/[?&]attribute=otp\b/.test(reference)) return turns.take(() => readNow(reference, context))
  return context.cache(`provider-onepassword:${account}:${reference}`, () => turns.take(() => readNow(reference, context)))
}

async function readNow(reference: string, context: ProviderContext): Promise<Secret> {
  const printed = await op(['read', '--no-newline', reference], context, { about: reference, encoding: 'base64', maxOutput: MAX_OUTPUT + 1 })
  const bytes = Buffer.from(printed, 'base64')
  const rubbish = (why: string): ChaosError => new ChaosError('OP_OUTPUT', { message: `op printed ${why} for ${reference}.`, hint: 'A file is no secret text: op read --out-file FILE saves one.', details: { reference } })
  if (bytes.length > MAX_OUTPUT) throw rubbish(`more than ${MAX_OUTPUT / 1024} KB`)
  const text = textOf(bytes)
  if (text === undefined) throw rubbish('bytes that are no text')
  if (text === '') throw new ChaosError('OP_EMPTY', { message: `${reference} is empty.`, hint: 'Fill the field in 1Password, or name another.', details: { reference } })
  return secret(text)
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
