import { inspect } from 'node:util'
import { isChaosError } from '@chaos/core'
import { expect } from 'vitest'

/** Fails so, and shows nothing of what the program printed. */
export async function mustFail(doing: Promise<unknown> | undefined, wanted: { code: string; message?: unknown; hint?: unknown }): Promise<void> {
  const error: unknown = await doing?.then(() => undefined, (cause: unknown) => cause)
  expect(isChaosError(error) && { code: error.code, message: error.message, hint: error.hint }).toMatchObject(wanted)
  expect(inspect(error, { depth: 9 })).not.toContain('CaNaRy')
}
