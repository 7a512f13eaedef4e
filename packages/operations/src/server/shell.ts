import { defineOperation, script } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { stat } from '../facts/stat.ts'
import { content, path } from '../files/members.ts'

const schema = z.strictObject({
  commands: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform((commands) => (typeof commands === 'string' ? [commands] : commands))
    .describe('Shell lines for the POSIX sh of the host. Each runs in a shell of its own; the first that fails ends it.'),
  creates: path.optional().describe('Does nothing when something stands at this path.'),
  stdin: content.optional()
    .describe('What the commands read on their standard input, each from the beginning. The place for a secret.'),
})
type Args = z.output<typeof schema>

/** Runs commands. Always does something, unless `creates` is there already. */
export const shell = defineOperation({
  name: 'server.shell',
  about: 'Runs shell commands on the host, at each run; or, with `creates`, only until that path is there.',
  args: schema,
  example: { commands: 'site migrate', creates: '/srv/site/.migrated' },
  action: true,
  title: ({ commands }) => commands.join('; '),
  diff,
})

async function diff({ commands, creates, stdin }: Args, host: Host): Promise<Diff> {
  if (creates !== undefined && (await host.fact(stat(creates)))) return []
  return [{ summary: `run ${commands.length === 1 ? 'the command' : `${commands.length} commands`}`, do: commands.map((command) => ({ run: script(command), ...(stdin === undefined ? {} : { stdin }) })) }]
}
