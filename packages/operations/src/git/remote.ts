import { defineFact, sh } from '@chaos/core'
import { asOwner } from './environment.ts'
import type { Place } from './environment.ts'

/** What a remote repository has. */
export interface Remote {
  /** Commits by the names of their references: `refs/heads/main`, `HEAD`; a tag's is the commit it stands for. */
  readonly commits: ReadonlyMap<string, string>
  /** The branch that is its default; empty = it says none. */
  readonly branch: string
  /** A hash over all its references, as {@link Repository} has it; only when all were asked for. */
  readonly refs: string
  /** Why it does not answer, as git and ssh say it. */
  readonly refused: string | undefined
}

export interface RemoteQuestion extends Place {
  readonly url: string
  /** References that are wanted besides HEAD; `all` for a hash over all of them. */
  readonly want: 'all' | readonly string[]
}

const ALL = sh`o=$(git ls-remote --quiet -- "$u") || exit
printf '%s\n' "$o" | sed -n -e '/\^{}$/d' -e 's/^\([0-9a-f]*\)[^0-9a-f]\(refs\/.*\)$/\1 \2/p' | LC_ALL=C sort | sha256sum`

/** Asks a remote repository, from the host and with the rights and keys of who will own the working copy. It goes over the network. */
export const remote = defineFact({
  name: 'git.remote',
  about: 'What a remote repository has: the commits of branches and tags, and which branch is its default.',
  command: ({ url, want, ...place }: RemoteQuestion) => sh`command -v git >/dev/null || exit 0
${asOwner(place, want === 'all' ? sh`u=${url}
${ALL}` : sh`git ls-remote --quiet --symref -- ${url} HEAD ${[...want]}`)}`,
  exit: [0, 1, 128],
  parse: parseRemote,
})

export function parseRemote(stdout: string, { code, stderr }: { readonly code: number; readonly stderr: string }): Remote {
  const commits = new Map<string, string>()
  let branch = ''
  for (const line of stdout.split('\n')) {
    const symbolic = /^ref: refs\/heads\/(\S+)\tHEAD$/.exec(line)
    if (symbolic) branch = symbolic[1] ?? ''
    const [, commit = '', name = ''] = /^([0-9a-f]{40,64})\t(\S+)$/.exec(line) ?? []
    // What an annotated tag stands for comes after the tag itself.
    if (name !== '') commits.set(name.replace(/\^\{\}$/, ''), commit)
  }
  return { commits, branch, refs: /^([0-9a-f]{64}) {2}-$/m.exec(stdout)?.[1] ?? '', refused: code === 0 ? undefined : stderr.trim() || `git ended with ${code}` }
}
