import { defineOperation, sh, touch } from '@chaos/core'
import type { Change, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { tree } from '../facts/tree.ts'
import type { Stat } from '../facts/stat.ts'
import { attributeChanges, attributeSteps, difference } from './attributes.ts'
import { attributes, force, path, present } from './members.ts'
import { look, makeRoom, removal } from './surroundings.ts'

const schema = z.strictObject({
  path,
  present,
  ...attributes,
  recursive: z.boolean().default(false).describe('Owner and group also of everything below; the mode is that of the directory alone.'),
  force,
})
type Args = z.output<typeof schema>

/** A directory, with its owner, group and mode. */
export const directory = defineOperation({
  name: 'files.directory',
  about: 'Ensures that a directory is there, with owner, group and mode, or that it is not there.',
  args: schema,
  example: { path: '/srv/site', owner: 'www-data', mode: '0755' },
  diff,
  touches: ({ path, present, recursive, force }) => [present && !recursive && !force ? touch.entry(path) : touch.path(path)],
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const { path, present, recursive, force } = args
  const [around, below] = await Promise.all([look(path, host), recursive && present ? host.fact(tree(path)) : null])
  const { have } = around
  if (!present) return have ? removed(args, have) : []
  if (have?.type === 'directory') return [...attributeChanges(path, have, args), ...belowChange(args, below ?? [])]
  return [
    ...makeRoom(path, around, 'directory', force),
    { summary: 'create directory', before: null, after: described(args), do: [{ run: sh`umask 022; mkdir -p -- ${path}` }, ...attributeSteps(path, args)] },
  ]
}

function removed({ path, force }: Args, have: Stat): Change[] {
  const around = { have, missing: [] }
  return have.type === 'directory' ? [removal(path, have)] : makeRoom(path, around, 'directory', force)
}

function described({ owner, group, mode }: Args): string {
  return [`directory ${mode ?? '0755'}`, owner === undefined ? '' : `owner ${owner}`, group === undefined ? '' : `group ${group}`].filter(Boolean).join(', ')
}

/** \`-h\`: a link in the tree must not lead the change out of it. */
function belowChange({ path, owner, group }: Args, entries: readonly Stat[]): Change[] {
  const others = entries.filter((entry) => Object.keys(difference(entry, { owner, group })).length > 0)
  if (others.length === 0) return []
  const steps = [
    ...(owner === undefined ? [] : [{ run: sh`chown -hR -- ${owner} ${path}` }]),
    ...(group === undefined ? [] : [{ run: sh`chgrp -hR -- ${group} ${path}` }]),
  ]
  return [{ summary: `owner and group of ${others.length} ${others.length === 1 ? 'entry' : 'entries'} below`, do: steps }]
}
