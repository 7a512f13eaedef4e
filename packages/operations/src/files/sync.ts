import { defineOperation, sh, touch } from '@chaos/core'
import type { Change, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { tree } from '../facts/tree.ts'
import type { TreeEntry } from '../facts/tree.ts'
import { treeHashes } from '../facts/tree-hashes.ts'
import { attributeChanges, attributeSteps } from './attributes.ts'
import { localTree, patternOf } from './local-tree.ts'
import type { LocalEntry } from './local-tree.ts'
import { attributes, force, given, mode, path } from './members.ts'
import { look, makeRoom, typeName, wrongType } from './surroundings.ts'
import type { Surroundings } from './surroundings.ts'

const schema = z.strictObject({
  src: z.string().min(1).describe('A folder of the controller; a relative path starts at the folder of the Ch-obolo. Symlinks in it are followed.'),
  path: path.describe('The folder on the host that holds the same.'),
  owner: attributes.owner,
  group: attributes.group,
  mode: mode.optional().describe('Permissions of all files. Not given = not managed; new ones get 0644.'),
  dirMode: mode.optional().describe('Permissions of all folders, the first included. Not given = not managed; new ones get 0755.'),
  exclude: z.array(z.string().min(1)).default([]).describe('Names or paths that are left alone on both sides; * and ? as in a shell.'),
  delete: z.boolean().default(false).describe('Removes what is on the host and not in src.'),
  force,
})
type Args = z.output<typeof schema>

/** A whole tree of files, compared in one question. */
export const sync = defineOperation({
  name: 'files.sync',
  about: 'Ensures that a folder of the host holds the files and folders of one on the controller.',
  args: schema,
  example: { src: 'site', path: '/srv/site', exclude: ['*.log'], delete: true },
  diff,
  touches: ({ path }) => [touch.path(path)],
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const { path, src, exclude } = args
  const [around, have, hashes, want] = await Promise.all([
    look(path, host), host.fact(tree(path)), host.fact(treeHashes(path)), localTree(host.local.resolve(src), exclude, host),
  ])
  const there = new Map((have ?? []).map((entry) => [entry.path, entry]))
  return [
    ...rootChanges(args, around),
    ...want.flatMap((entry) => entryChanges(args, entry, there.get(entry.path), hashes?.get(entry.path))),
    ...(args.delete ? removals(args, have ?? [], want) : []),
  ]
}

function rootChanges({ path, dirMode, owner, group, force }: Args, around: Surroundings): Change[] {
  const wanted = { owner, group, mode: dirMode }
  if (around.have?.type === 'directory') return attributeChanges(path, around.have, wanted)
  return [
    ...makeRoom(path, around, 'directory', force),
    { summary: 'create directory', before: null, do: [{ run: sh`umask 022; mkdir -p -- ${path}` }, ...attributeSteps(path, wanted)] },
  ]
}

function entryChanges(args: Args, entry: LocalEntry, have: TreeEntry | undefined, hash: string | undefined): Change[] {
  const path = `${args.path}/${entry.path}`
  const { owner, group, force } = args
  const wanted = { owner, group, mode: entry.type === 'directory' ? args.dirMode : args.mode }
  const named = (change: Change): Change => ({ ...change, summary: `${entry.path}: ${change.summary}` })
  if (have && have.type !== entry.type && !force) throw wrongType(path, have.type, entry.type)
  const same = have?.type === entry.type ? have : undefined
  const room: Change[] = have && !same ? [{ summary: `${entry.path}: remove ${typeName(have.type)}`, removes: true, do: [{ run: sh`rm -rf -- ${path}` }] }] : []
  if (entry.type === 'directory') {
    if (same) return attributeChanges(path, same, wanted).map(named)
    return [...room, { summary: `${entry.path}: create directory`, before: null, do: [{ run: sh`umask 022; mkdir -p -- ${path}` }, ...attributeSteps(path, wanted)] }]
  }
  if (same && hash === entry.sha256) return attributeChanges(path, same, wanted).map(named)
  return [...room, { summary: `${entry.path}: ${same ? 'update content' : 'create file'}`, ...(same ? {} : { before: null }), do: [{ write: { path, content: { local: entry.local }, ...given(wanted) } }] }]
}

/** What is on the host alone; of a folder that goes as a whole only the folder is named. */
function removals({ path, exclude }: Args, have: readonly TreeEntry[], want: readonly LocalEntry[]): Change[] {
  const wanted = new Set(want.map((entry) => entry.path))
  const leftOut = exclude.map(patternOf)
  const isLeftOut = (each: string): boolean => leftOut.some((pattern) => pattern.test(each) || each.split('/').some((name) => pattern.test(name)))
  const keeps = (folder: string): boolean => have.some((other) => other.path.startsWith(`${folder}/`) && isLeftOut(other.path))
  const gone: string[] = []
  for (const entry of have.toSorted((one, other) => (one.path < other.path ? -1 : 1))) {
    if (wanted.has(entry.path) || isLeftOut(entry.path) || gone.some((folder) => entry.path.startsWith(`${folder}/`))) continue
    if (entry.type === 'directory' && keeps(entry.path)) continue
    gone.push(entry.path)
  }
  return gone.map((each) => {
    const type = have.find((entry) => entry.path === each)?.type ?? 'file'
    return { summary: `${each}: remove ${typeName(type)}`, removes: true, do: [{ run: sh`rm -rf -- ${`${path}/${each}`}` }] }
  })
}
