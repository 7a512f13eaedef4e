import { defineOperation, touch } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { attributeChanges } from './attributes.ts'
import { attributes, force, given, path, present } from './members.ts'
import { look, makeRoom, removal, wrongType } from './surroundings.ts'

const schema = z.strictObject({
  path,
  present,
  ...attributes,
  force,
})
type Args = z.output<typeof schema>

/** A regular file, whatever it holds. */
export const file = defineOperation({
  name: 'files.file',
  about: 'Ensures that a file is there (an empty one is made), with owner, group and mode, or that it is not there; its content is not managed.',
  args: schema,
  example: { path: '/var/log/site.log', mode: '0640' },
  diff,
  touches: ({ path }) => [touch.path(path)],
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const { path, present, owner, group, mode, force } = args
  const around = await look(path, host)
  const { have } = around
  if (!present) {
    if (!have) return []
    // A directory is more than the file somebody wants gone. A symlink is removed, not what it leads to.
    if (have.type === 'directory' && !force) throw wrongType(path, have.type, 'file')
    return [removal(path, have)]
  }
  if (have?.type === 'file') return attributeChanges(path, have, args)
  return [
    ...makeRoom(path, around, 'file', force),
    { summary: 'create empty file', before: null, after: '', do: [{ write: { path, content: '', ...given({ owner, group, mode }) } }] },
  ]
}
