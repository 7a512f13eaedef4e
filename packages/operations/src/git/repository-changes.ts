import type { Change, Diff, Host } from '@chaos/core'
import { look, makeRoom, removal, wrongType } from '../files/surroundings.ts'
import type { Surroundings } from '../files/surroundings.ts'
import { cloning } from './clone.ts'
import { differentOrigin, localWork, noReference, notARepository, refusedRemote } from './errors.ts'
import { moved, ownedBy, submodulesUpdated, withOrigin } from './moves.ts'
import type { Goal } from './moves.ts'
import { remote } from './remote.ts'
import type { Remote } from './remote.ts'
import type { RepoArgs } from './repo.ts'
import { workingCopy } from './working-copy.ts'
import type { Repository, WorkingCopy } from './working-copy.ts'

/** The difference of a repository. What is there and what the remote has are asked at once. */
export async function repositoryChanges(args: RepoArgs, host: Host): Promise<Diff> {
  const { path, url, present, owner, sshKey } = args
  const [around, have, there] = await Promise.all([
    look(path, host),
    host.fact(workingCopy(path, { submodules: args.submodules, tag: args.tag ?? '' })),
    present && asksRemote(args) ? host.fact(remote({ path, url, want: wanted(args), ...(owner === undefined ? {} : { owner }), ...(sshKey === undefined ? {} : { sshKey }) })) : undefined,
  ])
  if (!present) return gone(args, around, have, host)
  if (have.kind === 'no git') return { later: 'git is not there yet' }
  if (there?.refused !== undefined) throw refusedRemote(url, there.refused, host)
  const goal = goalOf(args, there, host)
  if (have.kind === 'repository' && have.bare === args.mirror) return existing(args, have, goal, host)
  return [...room(args, around, have, host), ...cloning(args, goal, have.kind === 'empty')]
}

function asksRemote({ update, commit }: RepoArgs): boolean {
  return update && commit === undefined
}

function wanted({ mirror, branch, tag }: RepoArgs): 'all' | readonly string[] {
  if (mirror) return 'all'
  if (tag !== undefined) return [`refs/tags/${tag}`, `refs/tags/${tag}^{}`]
  return branch === undefined ? [] : [`refs/heads/${branch}`]
}

/** Where the working copy should be, as far as it is known. */
function goalOf({ url, branch: named, tag, commit, mirror }: RepoArgs, there: Remote | undefined, host: Host): Goal {
  if (commit !== undefined) return { commit }
  if (mirror || !there) return { tag, branch: named, refs: there?.refs }
  const branch = tag === undefined ? (named ?? (there.branch || undefined)) : undefined
  const found = there.commits.get(tag !== undefined ? `refs/tags/${tag}` : named === undefined ? 'HEAD' : `refs/heads/${named}`)
  if (found === undefined) throw noReference(url, { branch: named, tag }, host)
  return { branch, tag, commit: found }
}

/** What stands in the way: nothing, folders that are missing above, or with `force` something that goes. */
function room({ path, mirror, force }: RepoArgs, around: Surroundings, have: WorkingCopy, host: Host): Change[] {
  if (have.kind === 'missing') return makeRoom(path, around, 'directory', force)
  if (have.kind === 'empty') return []
  if (around.have && force) return [removal(path, around.have)]
  if (around.have && around.have.type !== 'directory') throw wrongType(path, around.have.type, 'directory')
  throw notARepository(path, have.kind === 'repository' ? (mirror ? 'a working copy, where a mirror should be' : 'a bare repository, where a working copy should be') : undefined, host)
}

function existing(args: RepoArgs, have: Repository, goal: Goal, host: Host): Change[] {
  const { owner, url, force, submodules } = args
  const move = moved(args, have, goal)
  // Commits of a branch that is left stay on it.
  const ahead = goal.branch === have.branch ? have.ahead : []
  if (move && !force && (have.changed.length > 0 || ahead.length > 0)) throw localWork(args.path, { changed: have.changed, ahead }, host)
  return [
    ...(owner !== undefined && owner !== have.owner ? [ownedBy(args, owner, have)] : []),
    ...(url === have.url ? [] : [withOrigin(args, have)]),
    ...(move ? [move] : []),
    ...(submodules && (have.submodules.length > 0 || (move && !args.mirror)) ? [submodulesUpdated(args, have)] : []),
  ]
}

function gone(args: RepoArgs, { have: entry }: Surroundings, have: WorkingCopy, host: Host): Diff {
  const { path, url, force } = args
  if (!entry) return []
  if (have.kind === 'no git' && !force) return { later: 'git is not there yet' }
  if (!force && have.kind === 'repository') {
    if (have.url !== url) throw differentOrigin(path, have.url, url, host)
    if (have.changed.length > 0 || have.ahead.length > 0) throw localWork(path, have, host)
  }
  if (!force && have.kind === 'other') throw notARepository(path, undefined, host)
  return [removal(path, entry)]
}
