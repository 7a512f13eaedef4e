import { defineOperation, sh } from '@chaos/core'
import type { Content, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { stat } from '../facts/stat.ts'
import { content, path } from '../files/members.ts'

const schema = z
  .strictObject({
    src: z.string().min(1).optional().describe('A script of the controller; a relative path starts at the folder of the Ch-obolo.'),
    content: content.optional().describe('The script itself.'),
    args: z.array(z.string()).default([]).describe('Its arguments.'),
    interpreter: z.string().min(1).default('/bin/sh').describe('What runs it, reading it from standard input: /bin/sh, bash, python3.'),
    creates: path.optional().describe('Does nothing when something stands at this path.'),
  })
  .refine(({ src, content }) => (src === undefined) !== (content === undefined), 'give either src or content')
type Args = z.output<typeof schema>

/** Runs a script of the controller on the host. It travels on standard input: nothing of it is left there. */
export const script = defineOperation({
  name: 'server.script',
  about: 'Runs a script on the host, at each run; or, with `creates`, only until that path is there.',
  args: schema,
  example: { src: 'setup.sh', args: ['--quiet'] },
  action: true,
  title: ({ src, args }) => [src ?? 'script', ...args].join(' '),
  diff,
})

async function diff({ src, content: given, args, interpreter, creates }: Args, host: Host): Promise<Diff> {
  const [there, text] = await Promise.all([creates === undefined ? null : host.fact(stat(creates)), src === undefined ? given : host.local.read(src)])
  if (there) return []
  const stdin: Content = text ?? ''
  const shell = /(^|\/)(sh|dash|bash|ash|ksh|mksh|zsh)$/.test(interpreter)
  const run = shell ? sh`${interpreter} -s -- ${args}` : sh`${interpreter} - ${args}`
  return [{ summary: `run ${src ?? 'the script'}`, do: [{ run, stdin }] }]
}
