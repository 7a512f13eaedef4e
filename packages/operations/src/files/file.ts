import { defineOperation, sh, touch } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { attributeChanges } from './attributes.ts'
import { attributes, force, given, path, present } from './members.ts'
import { createPhrase, look, makeRoom, removal, touchingParents, wrongType } from './surroundings.ts'

const schema = z.strictObject({
  path,
  present,
  ...attributes,
  touch: z.boolean().default(false).describe('Sets the time of last change to now, at each run; such a file never counts as already so.'),
  force,
})
type Args = z.output<typeof schema>

/** A regular file, whatever it holds. */
export const file = defineOperation({
  name: 'files.file',
  about: 'Ensures that a file is there (an empty one is made), with owner, group and mode, or that it is not there; its content is not managed.',
  args: schema,
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
  if (have?.type === 'file') {
    const touched = args.touch ? [{ summary: 'touch', do: [{ run: sh`touch -- ${path}` }] }] : []
    return [...attributeChanges(path, have, args), ...touched]
  }
  return [
    ...makeRoom(path, around, 'file', force),
    { summary: createPhrase('empty file', around), ...touchingParents(around), before: null, after: '', do: [{ write: { path, content: '', ...given({ owner, group, mode }) } }] },
  ]
}
