import { ChaosError, defineFact, defineOperation, sh, touch } from '@chaos/core'
import type { Change, Diff, Host, Step } from '@chaos/core'
import { z } from 'zod'
import { normalPath } from '../facts/path.ts'
import { attributes, force, path, present } from './members.ts'
import { difference } from './attributes.ts'
import { look, makeRoom, removal, wrongType } from './surroundings.ts'
import type { Surroundings } from './surroundings.ts'

const schema = z
  .strictObject({
    path,
    target: z.string().min(1).refine((value) => !value.includes('\0'), 'a path cannot hold a NUL character').optional()
      .describe('Where it leads, as it is written into the link; a relative one starts at the link’s folder. A hard link needs an absolute path.'),
    symbolic: z.boolean().default(true).describe('false = a hard link.'),
    present,
    owner: attributes.owner.describe('Owner of the symlink itself. Not given = not managed.'),
    group: attributes.group.describe('Group of the symlink itself. Not given = not managed.'),
    force,
  })
  .superRefine((args, check) => {
    if (args.present && args.target === undefined) check.addIssue({ code: 'custom', path: ['target'], message: 'a link needs a target' })
    if (!args.symbolic && args.target !== undefined && !args.target.startsWith('/')) check.addIssue({ code: 'custom', path: ['target'], message: 'the target of a hard link is an absolute path' })
  })
type Args = z.output<typeof schema>

/** A symbolic or hard link. */
export const link = defineOperation({
  name: 'files.link',
  about: 'Ensures that a symbolic or hard link leads to its target, or that it is not there.',
  args: schema,
  example: { path: '/srv/site/current', target: 'releases/7' },
  diff,
  touches: ({ path, target, symbolic }) => [symbolic && target !== undefined ? touch.link(path, target) : touch.path(path)],
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const { path, target = '', symbolic } = args
  const [around, same] = await Promise.all([look(path, host), !symbolic && args.present ? host.fact(sameFile(path, normalPath(target))) : false])
  const { have } = around
  if (!args.present) return have ? removed(args, around) : []
  return symbolic ? symbolicChanges(args, target, around) : same ? [] : hardChanges(args, target, around)
}

function removed({ path, symbolic, force }: Args, { have }: Surroundings): Change[] {
  if (!have) return []
  const wanted = symbolic ? 'link' : 'file'
  if (have.type !== wanted && !force) throw wrongType(path, have.type, wanted)
  return [removal(path, have)]
}

function symbolicChanges(args: Args, target: string, around: Surroundings): Change[] {
  const { path, force } = args
  const { have } = around
  const own = ownerSteps(args)
  if (have?.type === 'link' && have.target === target) {
    const { owner, group } = difference(have, args)
    const phrases = [...(owner === undefined ? [] : [`owner ${have.user} → ${owner}`]), ...(group === undefined ? [] : [`group ${have.group} → ${group}`])]
    return phrases.length === 0 ? [] : [{ summary: phrases.join(', '), do: own }]
  }
  if (have?.type === 'link') {
    // -n: or the link would be made in the directory that the old one leads to.
    return [{ summary: `link → ${target}`, before: have.target ?? '', after: target, do: [{ run: sh`ln -sfn -- ${target} ${path}` }, ...own] }]
  }
  const create = sh`ln -s -- ${target} ${path}`
  return [
    ...makeRoom(path, around, 'link', force),
    { summary: `create link → ${target}`, before: null, after: target, do: [{ run: create }, ...own] },
  ]
}

function hardChanges({ path, force }: Args, target: string, around: Surroundings): Change[] {
  const { have } = around
  const made = sh`ln -f -- ${target} ${path}`
  if (have?.type === 'file') {
    if (!force) throw notTheSame(path, target)
    return [{ summary: `hard link → ${target}, in place of the file`, removes: true, do: [{ run: made }] }]
  }
  return [
    ...makeRoom(path, around, 'file', force),
    { summary: `create hard link → ${target}`, before: null, after: target, do: [{ run: made }] },
  ]
}

function notTheSame(path: string, target: string): ChaosError {
  return new ChaosError('FILE_EXISTS', { message: `${path} is a file of its own, no hard link to ${target}.`, hint: 'Give force: true to replace it, or give another path.', details: { path } })
}

function ownerSteps({ path, owner, group }: Args): Step[] {
  return [
    ...(owner === undefined ? [] : [{ run: sh`chown -h -- ${owner} ${path}` }]),
    ...(group === undefined ? [] : [{ run: sh`chgrp -h -- ${group} ${path}` }]),
  ]
}

/** Whether two paths are names of one file. */
const sameFile = defineFact({
  name: 'files.same',
  command: (one: string, other: string) => sh`[ ! -L ${one} ] && [ ${one} -ef ${other} ]`,
  exit: [0, 1],
  parse: (_, { code }) => code === 0,
  reads: (one, other) => [touch.entry(one), touch.entry(other)],
})
