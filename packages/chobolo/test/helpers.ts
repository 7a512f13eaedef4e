import { isChaosError } from '@chaos/core'
import { expect } from 'vitest'
import { parseChobolo } from '../src/index.ts'
import type { Chobolo, ChoboloOptions, HostScope, Problem } from '../src/index.ts'

export const web1: HostScope = { name: 'web1', data: { port: 8080, zone: { name: 'eu' } }, groups: ['web'] }

export function parse(text: string, options: ChoboloOptions = {}): Promise<Chobolo> {
  return parseChobolo(text, 'ch-obolo.yml', { env: {}, ...options })
}

/** The problems of what must be refused, as `LINE:COLUMN CODE message hint`. */
export async function refused(work: Promise<unknown>): Promise<string[]> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason)
  if (!isChaosError(error)) expect.fail(`no ChaosError: ${String(error)}`)
  expect(error.code).toBe('CHOBOLO_INVALID')
  const problems = error.details?.['problems'] as Problem[]
  expect(error.position).toEqual(problems[0]?.position)
  return problems.map(show)
}

export function show({ position, code, message, hint }: Problem): string {
  return `${position?.line}:${position?.column} ${code} ${message} ${hint ?? ''}`.trimEnd()
}

/** One root key's value for a host. */
export async function value(text: string, key: string, options: ChoboloOptions & { host?: HostScope } = {}): Promise<unknown> {
  const { host, ...rest } = options
  return (await (await parse(text, rest)).resolve(host, [key]))[key]
}
