import { defineFact, sh, touch, word } from '@chaos/core'
import { normalPath } from './path.ts'
import { readerOf } from './probe.ts'
import { hashOf } from './sha256.ts'

/** find hands over as many names as fit; each lot prints its names, then what sha256sum says of them. */
const LOT = sh`LC_ALL=C; export LC_ALL
echo $#; printf '%s\0' "$@"
sha256sum -- "$@"`

/** The SHA-256 of every regular file below a directory, by its path there; `null` = there is no such directory. */
export const treeHashes = defineFact({
  name: 'files.treeHashes',
  command: (path: string) => sh`d=${normalPath(path)}
[ -d "$d" ] || exit 3
cd -- "$d" && find . -type f -exec sh -c ${word(LOT)} sh {} +`,
  exit: [0, 3],
  parse: (_, { code, bytes }): ReadonlyMap<string, string> | null => (code === 3 ? null : parseHashes(bytes)),
  reads: (path) => [touch.path(normalPath(path))],
})

function parseHashes(bytes: Uint8Array): Map<string, string> {
  const reader = readerOf(bytes)
  const hashes = new Map<string, string>()
  while (!reader.ended) {
    const some = Array.from({ length: Number(reader.line()) })
    const names = some.map(() => new TextDecoder('utf-8', { fatal: true }).decode(reader.nul()))
    for (const name of names) hashes.set(name.slice(2), hashOf(reader, name))
  }
  return hashes
}
