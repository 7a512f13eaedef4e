import { ChaosError } from '@chaos/core'
import type * as z from '@chaos/operations/zod'

export function parsed<T>(output: string, schema: z.ZodType<T>, command: string): T {
  let value: unknown
  try {
    // Of a vault without items it prints nothing at all.
    value = JSON.parse(output.trim() === '' ? '[]' : output)
  } catch {
    value = undefined
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  // No cause: it would hold pieces of the output.
  throw new ChaosError('OP_OUTPUT', { message: `${command} printed something else than what it should.`, hint: 'op --version tells whether it is the command line of 1Password, version 2.', details: { command } })
}
