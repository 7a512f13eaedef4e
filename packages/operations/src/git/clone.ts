import { sh } from '@chaos/core'
import type { Change } from '@chaos/core'
import { asOwner } from './environment.ts'
import { checkout, submodulesUpdated } from './moves.ts'
import type { Goal } from './moves.ts'
import type { RepoArgs } from './repo.ts'

/** A first copy. The folder is made for its owner before, who may not be allowed to make it. */
export function cloning(args: RepoArgs, goal: Goal, folder: boolean): Change[] {
  const { path, url, depth, mirror, owner, commit } = args
  const name = args.tag ?? args.branch
  const options = [
    ...(mirror ? ['--mirror'] : []),
    ...(depth === undefined ? [] : ['--depth', String(depth)]),
    ...(name === undefined ? [] : ['--branch', name]),
    ...(commit === undefined ? [] : ['--no-checkout']),
  ]
  const clone = asOwner(args, sh`git -c advice.detachedHead=false clone --quiet ${options} -- ${url} "$1"${commit === undefined ? sh`` : sh` && cd -- "$1" && { ${checkout(args, { commit }, { shallow: depth !== undefined })}
}`}`)
  const made: Change = {
    summary: `${mirror ? 'mirror' : 'clone'} ${url}${name === undefined ? '' : `, ${name}`}${goal.commit === undefined ? '' : ` at ${goal.commit.slice(0, 10)}`}`,
    before: null,
    ...(goal.commit === undefined ? {} : { after: goal.commit }),
    do: [...(owner === undefined ? [] : [{ run: sh`${folder ? sh`` : sh`umask 022; mkdir -- ${path} && `}chown -- ${`${owner}:`} ${path}` }]), { run: clone }],
  }
  return [made, ...(args.submodules ? [submodulesUpdated(args, { submodules: [] })] : [])]
}
