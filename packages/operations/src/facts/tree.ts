import { defineFact, sh, touch, word } from '@chaos/core'
import { normalPath } from './path.ts'
import { MISSING, readerOf } from './probe.ts'
import { parseStat, STAT } from './stat.ts'
import type { Stat } from './stat.ts'

export interface TreeEntry extends Stat {
  /** Relative to the tree, without a leading slash. */
  readonly path: string
}

/** find hands over as many names as fit; each lot prints its names, then what stat says of them. */
const LOT = sh`LC_ALL=C; export LC_ALL
echo $#; printf '%s\0' "$@"
for f do if [ -L "$f" ]; then readlink -n -- "$f"; fi; printf '\0'; done
${STAT} -- "$@"`

/**
 * Everything below a directory, symlinks not followed except the directory itself. `null` = there is no
 * directory. A folder in it that may not be read is an error.
 */
export const tree = defineFact({
  name: 'files.tree',
  about: 'Everything below a directory, with type, mode and owner.',
  command: (path: string) => sh`${MISSING}
d=${normalPath(path)}
if [ ! -d "$d" ]; then
if [ -e "$d" ] || [ -L "$d" ] || [ "$(chaos_missing "$d")" = 0 ]; then exit 3; fi
echo 'Permission denied' >&2; exit 13
fi
cd -- "$d" && find . -exec sh -c ${word(LOT)} sh {} +`,
  exit: [0, 3],
  parse: (_, { code, bytes }): readonly TreeEntry[] | null => (code === 3 ? null : parseTree(bytes)),
  reads: (path) => [touch.path(normalPath(path))],
  links: (value, path) => (value ?? []).flatMap((entry) => (entry.target === undefined ? [] : [{ path: `${normalPath(path)}/${entry.path}`, target: entry.target }])),
})

function parseTree(bytes: Uint8Array): TreeEntry[] {
  const reader = readerOf(bytes)
  const entries: TreeEntry[] = []
  while (!reader.ended) {
    const count = Number(reader.line())
    const some = Array.from({ length: count })
    // A name that is no UTF-8 could not be named in a command again, so it is an error rather than something else.
    const names = some.map(() => new TextDecoder('utf-8', { fatal: true }).decode(reader.nul()))
    const targets = some.map(() => new TextDecoder().decode(reader.nul()))
    names.forEach((name, index) => {
      const stat = parseStat(reader.line(), targets[index])
      if (name !== '.') entries.push({ path: name.slice(2), ...stat })
    })
  }
  return entries
}
