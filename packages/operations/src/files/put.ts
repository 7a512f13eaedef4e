import { defineOperation, touch } from '@chaos/core'
import { z } from 'zod'
import { attributes, backup, content, force, path, validate } from './members.ts'
import { localSource, sourceOf } from './source.ts'
import { writeChanges } from './write-change.ts'

/** A file with this content, given here or by a file of the controller. */
export const put = defineOperation({
  name: 'files.put',
  about: 'Ensures that a file holds this content, with owner, group and mode; the content is given, or is that of a file on the controller.',
  example: { path: '/etc/motd', content: 'Welcome\n' },
  args: z
    .strictObject({
      path,
      content: content.optional().describe('What the file holds: text, bytes or a secret.'),
      src: z.string().min(1).optional().describe('A file of the controller; a relative path starts at the folder of the Ch-obolo.'),
      ...attributes,
      backup,
      validate,
      force,
    })
    .refine(({ content, src }) => (content === undefined) !== (src === undefined), 'give either content or src'),
  diff: (args, host) => writeChanges(args, args.src === undefined ? sourceOf(args.content ?? '', host) : localSource(args.src, host), host),
  touches: ({ path }) => [touch.path(path)],
})
