import { isSecret } from '@chaos/core'
import type { Desired, Secret } from '@chaos/core'
import { accountName, publicKey } from '@chaos/operations'
import * as z from '@chaos/operations/zod'

const state = z.enum(['present', 'absent']).optional().describe('absent = it is removed. Default present.')
const id = z.int('an id is a whole number').min(0).max(4_294_967_294)
const oneLine = (what: string) => z.string().regex(/^[^\n\r\0]+$/, `${what} is one line`)
const list = (what: string, instead: string) => ({ error: `${what} are a list; leave the key out where ${instead}` })

const sudo = z
  .union(
    [
      z.boolean(),
      oneLine('a rule'),
      z.strictObject({
        nopasswd: z.boolean().optional().describe('Without a password.'),
        commands: z.array(oneLine('a command')).min(1).optional().describe('Commands, by absolute path. Default: all.'),
        runas: oneLine('runas').optional().describe('As whom. Default ALL:ALL.'),
      }),
    ],
    { error: 'sudo is true, false, a rule ("ALL=(ALL) NOPASSWD: /usr/bin/apt-get"), or a map { nopasswd, commands }' },
  )
  .optional()
  .describe('What it may do through sudo: true = everything, with its password; a rule as sudoers has it, without the name; or a map. false = nothing. Not given = not managed.')

/** One item of the list `users`. */
const user = z
  .strictObject({
    name: accountName.describe('Login name.'),
    state,
    uid: id.optional().describe('Not given = not managed.'),
    group: z.union([accountName, id]).optional().describe('Primary group, by name or id. Default for a new account: one of its own name.'),
    groups: z.array(accountName, list('groups', 'they are not managed')).optional().describe('Supplementary groups: exactly these. One that is missing is made.'),
    shell: z
      .string()
      .regex(/^(\/[^:\n\0]+|[A-Za-z0-9_.+-]+)$/, 'a shell is a name (zsh = /bin/zsh) or an absolute path')
      .optional()
      .describe('Login shell: a path, or a name below /bin. Default for a new account: /bin/bash where it is there.'),
    home: z.string().regex(/^\/[^:\n\0]*$/, 'a home is an absolute path').optional().describe('Default for a new account: as the host does it (/home/NAME).'),
    comment: z.string().regex(/^[^:\n\r\0]*$/, 'a comment is one line without a colon').optional().describe('Full name (GECOS).'),
    system: z.boolean().optional().describe('A new account gets an id of the system, and no home.'),
    password: z
      .custom<Secret>(isSecret, 'a password never stands in a Ch-obolo; write "${secret:NAME:REFERENCE}", which leads to its hash')
      .meta({ format: 'chaos-secret' })
      .optional()
      .describe('Hash of the password, a secret. Default: that of user_secrets, where the run has secrets.'),
    keys: z.array(publicKey, list('keys', 'they are not managed')).optional().describe('Public keys that let in by ssh.'),
    exclusive_keys: z.boolean().optional().describe('No other keys let in. Default false.'),
    sudo,
    remove_home: z.boolean().optional().describe('Its home goes with it. Default false.'),
  })
  .superRefine((item, check) => {
    const { state, name, remove_home: _, ...rest } = item
    const given = Object.keys(rest).filter((key) => rest[key as keyof typeof rest] !== undefined)
    if (state === 'absent' && given.length > 0) check.addIssue({ code: 'custom', path: [given[0] as string], message: `${name} is to be absent, and needs no ${given.join(', ')}` })
    if (item.exclusive_keys !== undefined && item.keys === undefined) check.addIssue({ code: 'custom', path: ['exclusive_keys'], message: 'exclusive_keys needs keys; with keys: [] nobody gets in by key' })
  })

const users = z.array(user, list('users', 'they are not managed')).superRefine(eachOnce)

/** One item of the list `groups`. */
const group = z
  .strictObject({
    name: accountName.describe('Name of the group.'),
    state,
    gid: id.optional().describe('Not given = not managed.'),
    system: z.boolean().optional().describe('A new group gets an id of the system.'),
  })
  .refine(({ state, gid, system }) => state !== 'absent' || (gid === undefined && system === undefined), { path: ['state'], message: 'a group that is to be absent needs neither gid nor system' })

export type UserItem = z.output<typeof user>
export type GroupItem = z.output<typeof group>

export const keys = {
  hostname: z.string().min(1).optional().describe('What the machine is called. Not given = not managed.').meta({ examples: ['web-1'] }),
  groups: z
    .array(z.union([accountName, group]), list('groups', 'they are not managed'))
    .superRefine((items, check) => eachOnce(items.map(groupItem), check))
    .optional()
    .describe('Groups, by name, or with an id.')
    .meta({ examples: [['deploy', { name: 'media', gid: 1500 }]] }),
  users: z
    .union([
      users,
      z.strictObject({
        list: users.describe('Accounts.'),
        exclusive: z.boolean().optional().describe('Accounts of people that are not in the list are removed, whoever added them. Default false.'),
      }),
    ])
    .optional()
    .describe('Accounts: a list, or a map with the list and `exclusive`. Not given = not managed.')
    .meta({ examples: [[{ name: 'ana', shell: '/bin/bash', groups: ['www-data'] }]] }),
}

/** What is declared, whichever way it was written; an absent key stays undefined. */
export interface Wanted {
  readonly hostname: string | undefined
  readonly groups: readonly GroupItem[] | undefined
  readonly users: readonly UserItem[] | undefined
  readonly exclusive: boolean
}

export function wantedOf({ hostname, groups, users }: Desired<typeof keys>): Wanted {
  return {
    hostname,
    groups: groups?.map(groupItem),
    users: Array.isArray(users) ? users : users?.list,
    exclusive: !Array.isArray(users) && users?.exclusive === true,
  }
}

function groupItem(item: string | GroupItem): GroupItem {
  return typeof item === 'string' ? { name: item } : item
}

function eachOnce(items: readonly { name: string }[], check: { addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void }): void {
  items.forEach(({ name }, index) => {
    if (items.findIndex((other) => other.name === name) < index) check.addIssue({ code: 'custom', path: [index, 'name'], message: `${name} stands in the list twice` })
  })
}
