import { z } from 'zod'

/** Schema members of the operations on repositories. */

export const url = z
  .string()
  .superRefine((value, check) => {
    const message = wrongUrl(value)
    if (message !== undefined) check.addIssue({ code: 'custom', message })
  })
  .describe('Where it comes from, as the host reaches it: https://…, ssh://…, git@host:path, file:///….')

function wrongUrl(value: string): string | undefined {
  if (value === '' || /[\s\0]/.test(value)) return 'an address of a repository has no spaces'
  if (value.startsWith('-')) return 'an address of a repository does not start with -'
  // It would stand in the arguments of processes and in .git/config, for everyone to read.
  if (/^[a-z+]+:\/\/[^/@]*:[^/@]*@/i.test(value)) return 'no password belongs into the address; use a key, or a credential helper of that user'
  return /^([a-z+]+:\/\/|\/|[^/:]+:)/i.test(value) ? undefined : 'an address is https://…, ssh://…, git@host:path, file:///… or an absolute path'
}

/** Name of a branch or tag, as `git check-ref-format` has it. */
export const reference = z
  .string()
  .refine((value) => /^[^-/.\s~^:?*[\\][^\s~^:?*[\\]*$/.test(value) && !/\.\.|@\{|\/\/|\/\.|[/.]$|\.lock$/.test(value), 'this is no name of a branch or tag')

export const commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'a commit is its whole hash, 40 hexadecimal digits: git rev-parse SHORT gives it')
