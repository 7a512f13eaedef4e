import { defineFact, sh, touch } from '@chaos/core'
import { normalPath } from './path.ts'
import { MISSING } from './probe.ts'

/** More of a file is not brought over to be compared as text. */
export const CONTENT_LIMIT = 1024 * 1024

export interface FileContent {
  readonly bytes: Uint8Array
  /** False when the file is longer than {@link CONTENT_LIMIT}; then `bytes` are its beginning. */
  readonly whole: boolean
}

/** What is in a regular file; symlinks are followed. `null` = nothing there, or not a regular file. */
export const content = defineFact({
  name: 'files.content',
  about: 'The bytes of a regular file, up to a limit.',
  command: (path: string) => sh`${MISSING}
f=${normalPath(path)}
if [ -f "$f" ]; then head -c ${CONTENT_LIMIT + 1} <"$f"
elif [ -e "$f" ] || [ -L "$f" ]; then exit 3
elif [ "$(chaos_missing "$f")" = 0 ]; then exit 3
else echo 'Permission denied' >&2; exit 13; fi`,
  exit: [0, 3],
  parse: (_, { code, bytes }): FileContent | null =>
    code === 3 ? null : { bytes: bytes.slice(0, CONTENT_LIMIT), whole: bytes.length <= CONTENT_LIMIT },
  reads: (path) => [touch.path(normalPath(path))],
})
