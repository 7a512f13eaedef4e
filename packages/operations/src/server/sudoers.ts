import { defineOperation, touch } from '@chaos/core'
import type { Change, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { program } from '../facts/program.ts'
import { sourceOf } from '../files/source.ts'
import { look, removal } from '../files/surroundings.ts'
import { writeChanges } from '../files/write-change.ts'
import { accountName } from './account/members.ts'

const oneLine = (what: string) => z.string().regex(/^[^\n\r\0]+$/, `${what} is one line`)

const schema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[^/\s\0]+$/, 'a name of a file below /etc/sudoers.d is needed, without a folder')
      .refine((name) => !name.includes('.') && !name.endsWith('~'), 'sudo passes over files whose name holds a dot or ends with ~; give another name')
      .describe('Name of the file below /etc/sudoers.d.'),
    content: z.string().min(1).optional().describe('The whole of the file, as sudoers(5) has it.'),
    user: accountName.optional().describe('Instead of content: who may.'),
    group: accountName.optional().describe('Instead of content: the group that may.'),
    commands: z.array(oneLine('a command')).min(1).default(['ALL']).describe('Commands, by their absolute path, with arguments as sudoers(5) has them.'),
    runas: oneLine('runas').default('ALL:ALL').describe('As whom: user, or user:group.'),
    nopasswd: z.boolean().default(false).describe('Without a password.'),
    present: z.boolean().default(true).describe('false = the file must not be there.'),
  })
  .superRefine(({ content, user, group, present }, check) => {
    const given = [content, user, group].filter((value) => value !== undefined).length
    if (present && given !== 1) check.addIssue({ code: 'custom', path: ['content'], message: 'give one of content, user and group' })
    if (!present && given > 0) check.addIssue({ code: 'custom', path: ['present'], message: 'a file that is to be absent needs neither content nor user nor group' })
  })
type Args = z.output<typeof schema>

/** Who may do what as whom, in a file of its own. */
export const sudoers = defineOperation({
  name: 'server.sudoers',
  about: 'Ensures that a file below /etc/sudoers.d holds a rule for sudo, checked by visudo before it is live, or that it is not there.',
  args: schema,
  example: { name: 'deploy', user: 'deploy', commands: ['/usr/bin/systemctl restart site'], nopasswd: true },
  diff,
  touches: ({ name }) => [touch.path(pathOf(name))],
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const path = pathOf(args.name)
  if (!args.present) {
    const { have } = await look(path, host)
    return have ? [{ ...removal(path, have), risk: 'access' }] : []
  }
  const wanted = { path, owner: 'root', group: 'root', mode: '0440', backup: false, force: false, validate: 'visudo -cf %s' }
  const [visudo, changes] = await Promise.all([host.fact(program('visudo')), writeChanges(wanted, sourceOf(contentOf(args), host), host)])
  if (changes.length > 0 && visudo === null) return { later: 'sudo is not there yet' }
  return changes.map((change): Change => ({ ...change, risk: 'access' }))
}

/** A rule as it stands in the file. */
function contentOf({ content, user, group, commands, runas, nopasswd }: Args): string {
  if (content !== undefined) return content.endsWith('\n') ? content : `${content}\n`
  return `${user ?? `%${group}`} ALL=(${runas}) ${nopasswd ? 'NOPASSWD: ' : ''}${commands.join(', ')}\n`
}

function pathOf(name: string): string {
  return `/etc/sudoers.d/${name}`
}
