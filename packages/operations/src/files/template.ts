import { ChaosError, defineOperation, touch } from '@chaos/core'
import type { Host } from '@chaos/core'
import { z } from 'zod'
import { asText } from './as-text.ts'
import { attributes, backup, force, path, validate } from './members.ts'
import { localError, sourceOf } from './source.ts'
import type { Source } from './source.ts'
import { writeChanges } from './write-change.ts'
import { render } from '../template/render.ts'

const schema = z
  .strictObject({
    path,
    src: z.string().min(1).optional().describe('The template, a file of the controller; a relative path starts at the folder of the Ch-obolo.'),
    text: z.string().optional().describe('The template itself.'),
    vars: z.record(z.string(), z.unknown()).default({}).describe('What the template may use by name, besides `host` (name, data, groups, os). With a secret among them the whole file is one.'),
    trim_blocks: z.boolean().default(false).describe('Takes the line end behind a block tag away.'),
    lstrip_blocks: z.boolean().default(false).describe('Takes the blanks before a block tag away.'),
    keep_trailing_newline: z.boolean().default(true).describe('Keeps the line end at the end of the template. Jinja2 alone drops it; files want it.'),
    ...attributes,
    backup,
    validate,
    force,
  })
  .refine(({ src, text }) => (src === undefined) !== (text === undefined), 'give either src or text')
type Args = z.output<typeof schema>

/** A file whose content is rendered from a Jinja2 template. A variable that is not defined is an error. */
export const template = defineOperation({
  name: 'files.template',
  about: 'Ensures that a file holds what a Jinja2 template renders to, with owner, group and mode.',
  args: schema,
  example: { path: '/etc/site.conf', src: 'site.conf.j2', vars: { port: 80 } },
  diff: (args, host) => writeChanges(args, rendered(args, host), host),
  touches: ({ path }) => [touch.path(path)],
})

/** What a template holds when it is rendered. */
export async function rendered(args: Omit<Args, 'backup' | 'force' | 'mode' | 'owner' | 'group' | 'validate'>, host: Host): Promise<Source> {
  const local = args.src === undefined ? undefined : host.local.resolve(args.src)
  return host.local.hold(async () => {
    const text = await render(local === undefined ? (args.text ?? '') : await textOf(local, host), args.vars, host, {
      name: local ?? `the template of ${args.path}`,
      trimBlocks: args.trim_blocks,
      lstripBlocks: args.lstrip_blocks,
      keepTrailingNewline: args.keep_trailing_newline,
    })
    return sourceOf(text, host)
  })
}

async function textOf(local: string, host: Host): Promise<string> {
  const bytes = await host.local.read(local).catch((cause: unknown) => {
    throw localError(local, cause)
  })
  const text = asText(bytes)
  if (text === undefined) throw new ChaosError('TEMPLATE', { message: `Cannot render ${local}: it is not UTF-8 text.`, hint: 'Bring a file over as it is with files.put.' })
  return text
}
