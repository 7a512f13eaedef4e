import { defineOperation, touch } from '@chaos/core'
import { z } from 'zod'
import { absolutePath, accountName, comment, id, isPasswordHash, password } from './account/members.ts'
import { userDiff } from './account/user-diff.ts'

const schema = z
  .strictObject({
    name: accountName.describe('Login name.'),
    uid: id.optional().describe('User id. Not given = the next one that is free, and not managed.'),
    group: z.union([accountName, z.string().regex(/^\d+$/)]).optional().describe('Primary group, by name, or by id in quotes. Not given = a new account gets a group of its own name; not managed.'),
    groups: z.array(accountName).optional().describe('Supplementary groups: exactly these. Not given = not managed.'),
    append: z.boolean().default(false).describe('`groups` are those it must be in; others stay.'),
    shell: absolutePath.optional().describe('Login shell. Not given = as the host does it for a new account; not managed.'),
    home: absolutePath.optional().describe('Home directory. Not given = as the host does it for a new account; not managed.'),
    createHome: z.boolean().optional().describe('The home directory is made when it is missing. Not given = only with a new account that is no system account.'),
    moveHome: z.boolean().default(false).describe('Where the home changes, its content is moved.'),
    comment: comment.optional(),
    system: z.boolean().default(false).describe('A new account gets an id of the system\'s range, and no home directory.'),
    password: password.optional().describe('Hash of the password, a secret: `$6$…`. Not given = not managed; a new account has none.'),
    locked: z.boolean().optional().describe('true = no password fits, the hash is kept. Keys and sudo still work. Not given = not managed.'),
    present: z.boolean().default(true).describe('false = it must not be there.'),
    removeHome: z.boolean().default(false).describe('With `present: false`: its home directory and mail go too.'),
  })
  .superRefine((args, check) => {
    const { present, removeHome, name, groups } = args
    const given = (Object.keys(args) as (keyof typeof args)[]).filter((key) => !['name', 'present', 'removeHome'].includes(key) && args[key] !== undefined && args[key] !== false)
    if (!present && given.length > 0) check.addIssue({ code: 'custom', path: [given[0] as string], message: `${given.join(', ')}: an account that is to be absent needs none of it` })
    if (present && removeHome) check.addIssue({ code: 'custom', path: ['removeHome'], message: 'a home is removed with its account: present: false' })
    if (args.password && !isPasswordHash(args.password)) {
      check.addIssue({ code: 'custom', path: ['password'], message: `that of ${name} is no hash; make one with \`openssl passwd -6\` or \`mkpasswd\`, and keep the hash as the secret` })
    }
    if (args.append && groups === undefined) check.addIssue({ code: 'custom', path: ['append'], message: `give the groups that ${name} must be in` })
  })
export type UserArgs = z.output<typeof schema>

/** An account. */
export const user = defineOperation({
  name: 'server.user',
  about: 'Ensures that an account is there, with id, groups, shell, home, comment and the hash of its password as given, or that it is not there.',
  args: schema,
  example: { name: 'ana', groups: ['www-data'], shell: '/bin/bash', comment: 'Ana Lima' },
  diff: userDiff,
  touches: ({ name, uid, present, home, password, locked }) => [
    touch.named('user', name),
    // A group of its own comes and goes with it.
    touch.named('group', name),
    touch.named('uid', present && uid !== undefined ? String(uid) : undefined),
    touch.path(home ?? `/home/${name}`),
    ...(password === undefined && locked === undefined ? [] : [touch.path('/etc/shadow')]),
  ],
})
