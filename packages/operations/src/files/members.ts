import { isSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { z } from 'zod'
import { normalPath } from '../facts/path.ts'

/** Schema members that the operations on files share. */

export const path = z
  .string()
  .superRefine((value, check) => {
    const message = wrongPath(value)
    if (message) check.addIssue({ code: 'custom', message })
  })
  .overwrite((value) => (value.startsWith('/') ? normalPath(value) : value))
  .describe('Absolute path on the host.')

function wrongPath(value: string): string | undefined {
  if (value.startsWith('~')) return `${JSON.stringify(value)} starts with ~, which is a different folder for each user; write the absolute path`
  if (!value.startsWith('/')) return `${JSON.stringify(value)} is not an absolute path; start it with /`
  if (value.includes('\0')) return 'a path cannot hold a NUL character'
  if (value.split('/').includes('..')) return `${JSON.stringify(value)} holds "..", which symlinks make ambiguous; write the path without it`
  if (/^[/.]*$/.test(value)) return '/ itself is not managed'
  return undefined
}

export const mode = z
  .string({ error: (issue) => `a mode is a string of octal digits; write it in quotes, such as '0644'${typeof issue.input === 'number' ? ` (${issue.input} as a number means something else)` : ''}` })
  .regex(/^0{0,2}[0-7]{3,4}$/, "a mode is three or four octal digits in quotes, such as '0644'")
  .overwrite((value) => (/^[0-7]+$/.test(value) ? parseInt(value, 8).toString(8).padStart(4, '0') : value))
  .meta({ examples: ['0644'] })

const account = z.string({ error: 'a user or group is given by its name, or by its id in quotes' }).regex(/^[^\s:-][^:\n\0]*$/, 'this is no name of a user or group')

export const attributes = {
  owner: account.optional().describe('Owner, by name or id. Not given = not managed.'),
  group: account.optional().describe('Group, by name or id. Not given = not managed.'),
  mode: mode.optional().describe("Permissions, octal in quotes: '0644'. Not given = not managed."),
}

export const present = z.boolean().default(true).describe('false = it must not be there.')
export const force = z.boolean().default(false).describe('Replaces what stands there, if it is something else. Otherwise that is an error.')
export const backup = z.boolean().default(false).describe('Keeps the file that was there as PATH.TIME~.')
export const secret = z.custom<Secret>(isSecret).meta({ format: 'chaos-secret' })
export const text = z.union([z.string(), secret])
export const content = z.union([z.string(), z.instanceof(Uint8Array), secret])
export const validate = z
  .string()
  .refine((value) => value.includes('%s'), 'the command must hold %s, which stands for the new file')
  .optional()
  .describe('A command that must succeed before the file is live; %s is the new file: `visudo -cf %s`.')

/** Leaves out what is undefined, for types that tell "not given" from "given as undefined". */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
