import { script } from '@chaos/core'
import type { Op } from '@chaos/core'
import { sha256 } from './run-files.ts'
import type { RunFiles } from './run-files.ts'

const BYTES = Uint8Array.from({ length: 256 }, (_, index) => index)
const LINES = 'a line of a file\n'
const ODD = `odd 'name' "☃"/-rf $HOME \`id\` *\n\\`
const QUOTED = "it's\nplain $HOME `id` \\ without an end"

/** A file that is in the way, and one that is lacking a line: what a run finds in its folder. */
export const BEFORE = "printf old >obsolete; printf 'one\\ntwo\\n' >lines; chmod 600 obsolete; chmod 640 lines"

/** What a run makes of it. `owned` is given to that user and group. */
export function operationsBelow(root: string, files: RunFiles, owned: number | undefined): Op[] {
  const id = String(owned)
  return [
    files.directory({ path: `${root}/etc`, mode: '0750' }),
    files.directory({ path: `${root}/shared`, mode: '1777' }),
    files.put({ path: `${root}/etc/plain`, content: QUOTED }),
    files.put({ path: `${root}/etc/bytes`, content: BYTES, mode: '0600' }),
    files.put({ path: `${root}/etc/empty`, content: '', mode: '4755' }),
    files.put({ path: `${root}/some`, content: LINES.repeat(600), mode: '0640' }),
    files.put({ path: `${root}/large`, content: LINES.repeat(30_000), mode: '0444' }),
    files.put({ path: `${root}/${ODD}`, content: 'odd' }),
    files.link({ path: `${root}/link`, target: 'etc/plain' }),
    files.line({ path: `${root}/lines`, line: 'three' }),
    files.file({ path: `${root}/obsolete`, present: false }),
    ...(owned === undefined ? [] : [files.put({ path: `${root}/owned`, content: 'owned', owner: id, group: id, mode: '0640' })]),
  ]
}

/** How it must be then: path, type, mode, owner, and what it holds. `user` is `UID:GID` of who runs. */
export function treeBelow(user: string, owned: number | undefined): string[] {
  return [
    `. directory 755 ${user}`,
    `./etc directory 750 ${user}`,
    `./etc/bytes file 600 ${user} ${sha256(BYTES)}`,
    `./etc/empty file 4755 ${user} ${sha256('')}`,
    `./etc/plain file 644 ${user} ${sha256(QUOTED)}`,
    `./large file 444 ${user} ${sha256(LINES.repeat(30_000))}`,
    `./lines file 640 ${user} ${sha256('one\ntwo\nthree\n')}`,
    `./link link 777 ${user} etc/plain`,
    `./odd 'name' "☃" directory 755 ${user}`,
    `./${ODD} file 644 ${user} ${sha256('odd')}`,
    ...(owned === undefined ? [] : [`./owned file 640 ${owned}:${owned} ${sha256('owned')}`]),
    `./shared directory 1777 ${user}`,
    `./some file 640 ${user} ${sha256(LINES.repeat(600))}`,
  ].toSorted()
}

/** The script that looks. With `touched` also at what no two writes have in common: inode and times. */
export function manifestOf(root: string, touched: boolean): string {
  return script(`cd ${root} && find . -exec sh -c 'for f do
  if [ -L "$f" ]; then type=link holds=$(readlink "$f")
  elif [ -d "$f" ]; then type=directory holds=
  else type=file holds=$(sha256sum <"$f"); fi
  printf "%s %s %s\\000" "$f" "$type $(stat -c "%a %u:%g${touched ? ' %i %Y %Z' : ''}" "$f")" "$holds"
done' sh {} +`).text
}

export function entriesOf(manifest: string): string[] {
  return manifest.split('\0').slice(0, -1).map((entry) => entry.replace(/( {2}-| )$/, '')).toSorted()
}
