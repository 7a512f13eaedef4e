import { isSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { z } from 'zod'
import { ACCOUNT_NAME } from '../../facts/account-name.ts'
import { wrongKey } from '../keys/key-line.ts'

/** Schema members that the operations on accounts share. */

export const accountName = z
  .string({ error: 'a name is a text; write it in quotes if it looks like something else' })
  .max(32, 'a name has at most 32 characters')
  .regex(ACCOUNT_NAME, 'this is no name of a user or group: it holds letters, digits, _ . and -, and starts with a letter, a digit or _')
  // The tools would take it for an id.
  .refine((name) => !/^\d+$/.test(name), 'a name of digits alone would be taken for an id')

export const id = z.int().min(0).max(4_294_967_294)

export const absolutePath = z
  .string()
  .regex(/^\/[^:\n\0]*$/, 'an absolute path is needed, without a colon: it starts with /')
  .refine((path) => !path.split('/').includes('..'), 'a path without ".." is needed')
  .overwrite((path) => path.replace(/(?<=.)\/+$/, ''))

export const comment = z.string().regex(/^[^:\n\r\0]*$/, 'a comment is one line without a colon').describe('Full name or other words about it (GECOS).')

export const password = z
  .custom<Secret>(isSecret, 'a password is a secret; in a Ch-obolo: "${secret:NAME:REFERENCE}"')
  .meta({ format: 'chaos-secret' })

/** A public key, as ssh-keygen writes it, with options before it if there are any. */
export const publicKey = z.string({ error: 'a key is a text: "ssh-ed25519 AAAA… name"' }).superRefine((line, check) => {
  const message = wrongKey(line)
  if (message !== undefined) check.addIssue({ code: 'custom', message })
})

/** `$METHOD$…`, as crypt(5) has it. Seen from inside: a secret is never turned into text. */
export function isPasswordHash(password: Secret): boolean {
  let fits = false
  password.map((text) => {
    fits = /^\$[0-9a-z]+\$[^:\s!*]{8,}$/.test(text)
    return text
  })
  return fits
}
