import { defineFact, script, touch } from '@chaos/core'
import type { PackageIndex } from '../server/package-backend.ts'
import { REFRESHED } from './command.ts'

/**
 * When the index was refreshed: the mark, or when a list in it changed. An emptied folder is no index, and one
 * that is older than a file of the sources does not tell of them.
 */
const LOOK = script(`l=/var/lib/apt/lists
echo "now $(date +%s.%N)"
set -- $l/*_Packages*
if [ -e "$1" ]; then
  stat -c 'index %.9Y' "$l" || exit
  if [ -e ${REFRESHED} ]; then stat -c 'index %.9Y' ${REFRESHED} || exit; fi
fi
for f in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/sources.list.d/*; do
  if [ -e "$f" ]; then stat -c 'sources %.9Y' "$f" || exit; fi
done`)

/** How old the index of packages is. */
export const aptIndex = defineFact({
  name: 'apt.index',
  about: 'How old the index of packages is; none where it is older than the sources.',
  command: () => LOOK,
  parse: (stdout): PackageIndex => {
    const times = (kind: string): number[] => stdout.split('\n').filter((line) => line.startsWith(`${kind} `)).map((line) => Number(line.slice(kind.length + 1)))
    const [now] = times('now')
    if (now === undefined || Number.isNaN(now)) throw new Error('it does not say what time it is there')
    const refreshed = Math.max(...times('index'))
    return { age: refreshed >= Math.max(0, ...times('sources')) ? Math.max(0, now - refreshed) : undefined }
  },
  reads: () => [touch.named('package-index'), touch.path('/etc/apt')],
})
