import { sh } from '@chaos/core'
import type { Change, Command } from '@chaos/core'
import { asOwner } from './environment.ts'
import type { RepoArgs } from './repo.ts'
import type { Repository } from './working-copy.ts'

/** Where a repository should be; what is not given is not known, or does not matter. */
export interface Goal {
  readonly branch?: string | undefined
  readonly tag?: string | undefined
  readonly commit?: string | undefined
  /** Hash over all references of a mirror. */
  readonly refs?: string | undefined
}

/** The way from where it is to where it should be; undefined when it is there. */
export function moved(args: RepoArgs, have: Repository, goal: Goal): Change | undefined {
  if (args.mirror) return goal.refs === undefined || goal.refs === have.refs ? undefined : { summary: 'update the mirror', do: [{ run: asOwner(args, sh`git remote update --prune`) }] }
  const wanted = goal.commit ?? (goal.tag === undefined ? '' : have.tag || '?')
  const there = (wanted === '' || wanted === have.head) && (goal.branch === undefined || goal.branch === have.branch) && have.head !== ''
  if (there && !(args.force && have.changed.length > 0)) return undefined
  const name = goal.tag ?? goal.branch
  return {
    summary: there ? `throw away changes of ${have.changed.length} ${have.changed.length === 1 ? 'file' : 'files'}` : `${name ?? 'commit'}: ${short(have.head)} → ${short(goal.commit ?? '')}`,
    before: [...(have.head === '' ? [] : [have.head]), ...have.changed, ...have.ahead].join('\n') || null,
    ...(goal.commit === undefined ? {} : { after: goal.commit }),
    do: [{ run: asOwner(args, checkout(args, goal, { shallow: have.shallow })) }],
  }
}

function short(commit: string): string {
  return commit === '' ? 'none' : commit.slice(0, 10)
}

/** Fetches and checks out. Without `force` git itself refuses to write over a file that is not its own. */
export function checkout({ depth, force }: RepoArgs, { branch, tag, commit }: Goal, { shallow }: { readonly shallow: boolean }): Command {
  const history = depth === undefined ? [] : ['--depth', depth]
  const overwrite = force ? ['--force'] : []
  if (branch !== undefined) {
    const tracked = `refs/remotes/origin/${branch}`
    return sh`${force ? sh`` : refuseOwnCommits(branch)}git fetch --quiet ${history} origin ${`+refs/heads/${branch}:${tracked}`} &&
git checkout --quiet ${overwrite} --no-track -B ${branch} ${tracked} &&
git config ${`branch.${branch}.remote`} origin &&
git config ${`branch.${branch}.merge`} ${`refs/heads/${branch}`}`
  }
  if (tag !== undefined) {
    return sh`git fetch --quiet ${history} --no-tags origin ${`+refs/tags/${tag}:refs/tags/${tag}`} &&
git checkout --quiet ${overwrite} --detach ${`refs/tags/${tag}^{commit}`}`
  }
  // Not every server gives a commit by its hash; all of them give all branches.
  const whole = shallow ? ['--unshallow'] : []
  return sh`git cat-file -e ${`${commit}^{commit}`} 2>/dev/null || git fetch --quiet ${history} origin ${commit ?? 'HEAD'} 2>/dev/null ||
git fetch --quiet --tags ${whole} origin "+refs/heads/*:refs/remotes/origin/*" || exit
git checkout --quiet ${overwrite} --detach ${commit ?? 'FETCH_HEAD'}`
}

/** The plan tells of those of the branch that is checked out; another one may have some too. Compared with what the remote had before. */
function refuseOwnCommits(branch: string): Command {
  return sh`n=$(git rev-list --count ${`refs/remotes/origin/${branch}..refs/heads/${branch}`} 2>/dev/null) || n=0
[ "$n" = 0 ] || { echo ${`the branch ${branch} there has commits of its own that would be lost:`} "$n" >&2; exit 1; }
`
}

export function submodulesUpdated(args: RepoArgs, { submodules }: Pick<Repository, 'submodules'>): Change {
  return {
    summary: `update submodules${submodules.length === 0 ? '' : `: ${submodules.map((line) => line.split(' ')[1] ?? '').join(', ')}`}`,
    do: [{ run: asOwner(args, sh`git submodule --quiet sync --recursive && git submodule --quiet update --init --recursive ${args.force ? ['--force'] : []} ${args.depth === undefined ? [] : ['--depth', args.depth]}`) }],
  }
}

export function withOrigin(args: RepoArgs, { url }: Repository): Change {
  const run = url === '' ? sh`git remote add origin ${args.url}` : sh`git remote set-url origin ${args.url}`
  return { summary: `origin ${url === '' ? 'none' : url} → ${args.url}`, before: url, after: args.url, do: [{ run: asOwner(args, run) }] }
}

/** `-h`: a link in it must not lead the change out of it. */
export function ownedBy({ path }: RepoArgs, owner: string, have: Repository): Change {
  return { summary: `owner ${have.owner} → ${owner}`, before: have.owner, after: owner, do: [{ run: sh`chown -hR -- ${`${owner}:`} ${path}` }] }
}
