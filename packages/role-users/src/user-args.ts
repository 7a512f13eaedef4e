import type { Input, Secret } from '@chaos/core'
import type { server } from '@chaos/operations'
import * as z from '@chaos/operations/zod'
import type { UserItem } from './keys.ts'

export type UserArgs = Input<(typeof server.user)['definition']['args']>

/** What the role notes of an account it makes, to see later whether others changed it. */
const noted = z.object({
  uid: z.number().optional(),
  shell: z.string().optional(),
  home: z.string().optional(),
  comment: z.string().optional(),
  remove_home: z.boolean().optional(),
})
export type Noted = z.output<typeof noted>

/** A note as it came back from the host; undefined = it is none of ours. */
export function readNote(value: unknown): Noted | undefined {
  const read = noted.safeParse(value)
  return read.success ? read.data : undefined
}

/** What `server.user` is given for an account that shall be there. `shell`: of a new one that says none. */
export function userArgs(item: UserItem, password: Secret | undefined, shell?: string): UserArgs {
  const { name, uid, group, groups, home, comment, system } = item
  const own = item.shell === undefined ? shell : shellPath(item.shell)
  return {
    name,
    ...(uid === undefined ? {} : { uid }),
    ...(group === undefined ? {} : { group: String(group) }),
    ...(groups === undefined ? {} : { groups }),
    ...(own === undefined ? {} : { shell: own }),
    ...(home === undefined ? {} : { home }),
    ...(comment === undefined ? {} : { comment }),
    ...(system === undefined ? {} : { system }),
    ...(password === undefined ? {} : { password }),
  }
}

export function noteOf({ uid, shell, home, comment }: UserArgs, { remove_home }: UserItem): Noted {
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(shell === undefined ? {} : { shell }),
    ...(home === undefined ? {} : { home: home.replace(/(?<=.)\/+$/, '') }),
    ...(comment === undefined ? {} : { comment }),
    ...(remove_home === undefined ? {} : { remove_home }),
  }
}

function shellPath(shell: string): string {
  return shell.startsWith('/') ? shell : `/bin/${shell}`
}
