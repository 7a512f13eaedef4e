import { defineFact, script, sh, touch } from '@chaos/core'
import type { Command, FactOutput } from '@chaos/core'
import { normalPath } from './path.ts'
import { denied, MISSING, readerOf } from './probe.ts'
import type { Reader } from './probe.ts'

export interface Held {
  readonly sha256: string
  /** What the file holds, when that is not what was wanted and is short enough to be shown; else undefined. */
  readonly content: Uint8Array | undefined
}

/** A longer content is not brought over to be shown. */
export const SHOWN = 64 * 1024

type Call = readonly [path: string, wanted: string]

/**
 * What a regular file holds, beside the SHA-256 that is wanted; symlinks are followed. Its bytes come along only
 * when they differ, so that a file that is already so costs its hash alone, and one that is not costs no second question.
 * `null` = nothing there, or not a regular file: pipes and devices are never opened.
 */
export const held = defineFact({
  name: 'files.held',
  about: 'What a regular file holds, beside the hash that is wanted; its bytes only where they differ.',
  many: {
    command: (calls: readonly Call[]) => look(calls.map(([path, wanted]) => [normalPath(path), wanted])),
    split: (stdout, calls) => split(readerOf(stdout), calls),
  },
  parse: (_, { bytes }): Held | null => {
    if (bytes.length === 0) return null
    const end = bytes.indexOf(10)
    const [sha256 = '', comes] = new TextDecoder().decode(bytes.subarray(0, end)).split(' ')
    return { sha256, content: comes === '1' ? bytes.slice(end + 1) : undefined }
  },
  reads: (path) => [touch.path(normalPath(path))],
})

const LOOK = script(`if [ -f "$f" ]; then if [ -r "$f" ]; then echo 1; k=1; else echo d; fi
elif [ -e "$f" ] || [ -L "$f" ]; then echo 0
else chaos_missing "$f"; fi`)

/** A constant, because the tag would keep the backslash that a brace needs. */
const FIRST_WORD = script('h=${l%% *}')

/**
 * One sha256sum for all. Its lines are matched with the known names in order, so that one it failed on cannot shift the
 * others; names it would print in other words are given to it on stdin, one start each.
 */
function look(calls: readonly Call[]): Command {
  const plain = calls.every(([path]) => !/[\n\r\\]/.test(path))
  const sums = plain ? sh`eval "sha256sum -- $a"` : sh`{ eval "set -- $a"; for f do sha256sum <"$f"; done; }`
  const matches = plain ? sh`[ "$l" = "$h  $1" ]` : sh`[ "$l" = "$h  -" ]`
  return sh`${MISSING}
set -- ${calls.flat()}
i=1 n=$# a= b=
while [ $i -le $n ]; do
eval "f=\${$i}" k=
${LOOK}
[ -z "$k" ] || { a="$a \"\${$i}\"" b="$b \"\${$i}\" \"\${$((i+1))}\""; }
i=$((i+2))
done
[ -n "$a" ] || exit 0
${sums} | {
eval "set -- $b"
while [ $# -gt 0 ]; do
IFS= read -r l || exit 1
${FIRST_WORD}
${matches} || exit 1
echo "$h"
if [ "$h" != "$2" ]; then
s=$(wc -c <"$1") && s=$((s))
if [ "$s" -le ${SHOWN} ]; then echo "$s"; head -c "$s" <"$1"; else echo -; fi
fi
shift 2
done
}`
}

function split(reader: Reader, calls: readonly Call[]): FactOutput[] {
  const looks = calls.map(() => reader.line())
  const outputs = looks.map((word, index): FactOutput => {
    const [path, wanted] = calls[index] as Call
    if (word !== '1') return word === 'd' ? denied(path) : { stdout: '' }
    const hash = reader.line()
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error(`sha256sum said nothing of ${path}`)
    const size = hash === wanted ? '-' : reader.line()
    const content = size === '-' ? undefined : reader.bytes(Number(size))
    return { stdout: Buffer.concat([Buffer.from(`${hash} ${content ? 1 : 0}\n`), content ?? new Uint8Array()]) }
  })
  if (!reader.ended) throw new Error('more was answered than was asked')
  return outputs
}
