import { defineFact, script, sh, touch } from '@chaos/core'
import { normalPath } from './path.ts'
import { denied, MISSING, readerOf } from './probe.ts'

/**
 * When a path changed last: the ctime of a file (and of the link that leads to it), of a folder the newest of all that is in it.
 * Microseconds since the epoch by the clock of the host; `null` = nothing is there. The ctime, because a file that is renamed
 * into its place, or copied with its times, keeps an old mtime.
 */
export const newestChange = defineFact({
  name: 'files.newestChange',
  about: 'When a file, or the newest in a folder, changed last.',
  many: {
    command: (calls: readonly (readonly [path: string])[]) => sh`${MISSING}
for f in ${calls.map(([path]) => normalPath(path))}; do
${LOOK}
done`,
    split: (stdout, calls) => {
      const reader = readerOf(stdout)
      return calls.map(([path]) => {
        const word = reader.line()
        if (word === 'd') return denied(path)
        return { stdout: word === '0' ? '' : word }
      })
    },
  },
  parse: (stdout): number | null => {
    if (stdout === '') return null
    const found = /^(\d+)\.(\d{6})\d*$/.exec(stdout)
    if (!found) throw new Error(`stat answered ${JSON.stringify(stdout.slice(0, 100))}`)
    return Number(found[1]) * 1_000_000 + Number(found[2])
  },
  reads: (path) => [touch.path(normalPath(path))],
})

const LOOK = script(`if [ -e "$f" ] || [ -L "$f" ]; then
t=$( { stat -c %.Z -- "$f"; if [ -d "$f" ]; then find -H "$f" -printf '%C@\\n'; elif [ -e "$f" ]; then stat -L -c %.Z -- "$f"; fi; } | sort -n | tail -n 1)
if [ -d "$f" ] && { [ ! -r "$f" ] || [ ! -x "$f" ]; }; then echo d; else echo "\${t:-?}"; fi
else chaos_missing "$f"; fi`)
