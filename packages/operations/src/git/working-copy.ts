import { defineFact, script, sh, touch } from '@chaos/core'
import { normalPath } from '../facts/path.ts'
import { MISSING } from '../facts/probe.ts'
import { asOwner } from './environment.ts'

/** What is at a path, as git sees it. */
export type WorkingCopy =
  /** Nothing is there, or an empty folder. */
  | { readonly kind: 'missing' | 'empty' }
  /** Something that is no repository. */
  | { readonly kind: 'other' }
  /** git itself is not there. */
  | { readonly kind: 'no git' }
  | Repository

export interface Repository {
  readonly kind: 'repository'
  readonly bare: boolean
  readonly owner: string
  /** Of the remote origin; empty = it has none. */
  readonly url: string
  /** The commit that is checked out; empty = none yet. */
  readonly head: string
  /** The branch that is checked out; empty = none is, the commit alone. */
  readonly branch: string
  readonly shallow: boolean
  /** Tracked files that differ from the commit, as git tells: ` M etc/motd`. At most a hundred. */
  readonly changed: readonly string[]
  /** Commits of the branch that the remote did not have when it was asked last: `1a2b3c4 mend`. At most twenty. */
  readonly ahead: readonly string[]
  /** Submodules that are not at the commit they should be. Only when they were asked for. */
  readonly submodules: readonly string[]
  /** The commit of the tag that was asked for; empty = there is no such tag. */
  readonly tag: string
  /** A hash over all references and what they stand for; only of a mirror. */
  readonly refs: string
}

export interface WorkingCopyQuestion {
  /** Looks at submodules too. */
  readonly submodules: boolean
  /** A tag whose commit is wanted; empty = none. */
  readonly tag: string
}

const LOOK = script(`bare=$(git rev-parse --is-bare-repository 2>/dev/null) || { echo other; exit 0; }
[ -z "$(git rev-parse --show-prefix)" ] || { echo other; exit 0; }
echo repository
echo "bare $bare"
echo "url $(git config --get remote.origin.url)"
echo "head $(git rev-parse -q --verify 'HEAD^{commit}')"
b=$(git symbolic-ref -q --short HEAD)
echo "branch $b"
echo "shallow $(git rev-parse --is-shallow-repository)"
[ -z "$2" ] || echo "tag $(git rev-parse -q --verify "refs/tags/$2^{commit}")"
if [ "$bare" = true ]; then
echo "refs $(git for-each-ref --format='%(objectname) %(refname)' | LC_ALL=C sort | sha256sum)"
exit 0
fi
git -c core.quotePath=true status --porcelain --untracked-files=no --ignore-submodules=all | head -n 100 | sed 's/^/changed /'
if [ -n "$b" ] && git rev-parse -q --verify "refs/remotes/origin/$b" >/dev/null; then
git log --no-show-signature --format='ahead %h %s' -n 20 "refs/remotes/origin/$b..HEAD" --
fi
[ "$3" = no ] || git submodule status --recursive | sed -n 's/^[-+U]/submodule /p'`)

/** What is at a path. The network is not asked; what lies above is not looked at. */
export const workingCopy = defineFact({
  name: 'git.workingCopy',
  about: 'What git has at a path: remote, commit, branch, local changes and commits.',
  command: (path: string, { submodules, tag }: WorkingCopyQuestion) => sh`${MISSING}
command -v git >/dev/null || { echo "no git"; exit 0; }
p=${normalPath(path)}
if [ ! -d "$p" ]; then
if [ -e "$p" ] || [ -L "$p" ]; then echo other
elif [ "$(chaos_missing "$p")" = d ]; then echo "$p: Permission denied" >&2; exit 13
else echo missing; fi
exit 0
fi
l=$(ls -A -- "$p") || exit 1
[ -n "$l" ] || { echo empty; exit 0; }
echo "owner $(stat -c %U -- "$p")"
${asOwner({ path: normalPath(path) }, sh`set -- "$1" ${tag} ${submodules ? 'yes' : 'no'}
${LOOK}`)}`,
  parse: parseWorkingCopy,
  // git itself may come on the way.
  reads: (path) => [touch.path(normalPath(path)), touch.named('package'), ...['/bin', '/usr/bin', '/usr/local/bin'].map(touch.path)],
})

export function parseWorkingCopy(stdout: string): WorkingCopy {
  const lines = stdout.split('\n').filter((line) => line !== '')
  const all = (word: string): string[] => lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  const one = (word: string): string => all(word)[0] ?? ''
  const kind = lines.find((line) => ['no git', 'missing', 'empty', 'other', 'repository'].includes(line))
  if (kind === undefined) throw new Error(`git told nothing that is understood: ${JSON.stringify(lines[0] ?? '')}`)
  if (kind !== 'repository') return { kind: kind as Exclude<WorkingCopy['kind'], 'repository'> }
  return {
    kind,
    bare: one('bare') === 'true',
    owner: one('owner'),
    url: one('url'),
    head: one('head'),
    branch: one('branch'),
    shallow: one('shallow') === 'true',
    changed: all('changed'),
    ahead: all('ahead'),
    submodules: all('submodule'),
    tag: one('tag'),
    refs: one('refs').slice(0, 64),
  }
}
