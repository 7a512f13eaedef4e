import { defineOperation, script as shellText, sh } from '@chaos/core'
import type { Content, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { stat } from '../facts/stat.ts'
import { path, text } from '../files/members.ts'
import { localError } from '../files/source.ts'

const schema = z
  .strictObject({
    src: z.string().min(1).optional().describe('A script of the controller; a relative path starts at the folder of the Ch-obolo.'),
    text: text.optional().describe('Or the script itself. It travels on standard input, so it may be a secret.'),
    args: z.array(z.string()).default([]).describe('Its arguments.'),
    interpreter: z.string().min(1).default('sh -s --').describe('A command that reads the script on standard input, given as shell words: `bash -s --`, `python3 -`.'),
    creates: path.optional().describe('Does nothing when something stands at this path.'),
  })
  .refine(({ src, text }) => (src === undefined) !== (text === undefined), 'give either src or text')
type Args = z.output<typeof schema>

/** Runs a script. Always does something, unless `creates` is there already. Nothing is written to the host's disk. */
export const script = defineOperation({
  name: 'server.script',
  about: 'Runs a script of the controller on the host, at each run; or, with `creates`, only until that path is there.',
  args: schema,
  action: true,
  title: ({ src, args }) => [src ?? 'script', ...args].join(' '),
  diff,
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const [stdin, there] = await Promise.all([contentOf(args, host), args.creates === undefined ? null : host.fact(stat(args.creates))])
  return there ? [] : [{ summary: 'run the script', do: [{ run: sh`${shellText(args.interpreter)} ${args.args}`, stdin }] }]
}

async function contentOf({ src, text = '' }: Args, host: Host): Promise<Content> {
  if (src === undefined) return text
  const local = host.local.resolve(src)
  return host.local.read(local).catch((cause: unknown) => {
    throw localError(local, cause)
  })
}
