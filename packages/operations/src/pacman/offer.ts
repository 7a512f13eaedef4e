import { defineFact, sh, touch } from '@chaos/core'
import type { PackageIndex } from '../server/package-backend.ts'

/** The version that the lists of the repositories offer of a package; of several repositories, the first. */
export const offer = defineFact({
  name: 'pacman.offer',
  about: 'The version of a package that the repositories offer, as the package lists on the host say.',
  many: {
    command: (calls: readonly (readonly [name: string])[]) => sh`LC_ALL=C; export LC_ALL
pacman -Si -- ${calls.map(([name]) => name)} 2>&1 | grep -E ${'^((Name|Version) +: |error: )'} || :`,
    split: (stdout, calls) => {
      const offers = offersOf(new TextDecoder().decode(stdout))
      return calls.map(([name]) => ({ stdout: offers.get(name) ?? '' }))
    },
  },
  parse: (stdout): string | undefined => (stdout === '' ? undefined : stdout),
  reads: () => [touch.named('package-index')],
})

export function offersOf(stdout: string): Map<string, string> {
  const offers = new Map<string, string>()
  let name = ''
  for (const line of stdout.split('\n')) {
    const [, field, value = ''] = /^(Name|Version) +: (\S+)$/.exec(line) ?? []
    if (field === 'Name') name = value
    else if (field === 'Version' && !offers.has(name)) offers.set(name, value)
    else if (line.startsWith('error: ') && !/^error: package '.*' was not found$/.test(line)) throw new Error(line)
  }
  return offers
}

/** When the package lists were refreshed last. Lists carry the time of the server; the folder has that of the last refresh, whatever it brought. */
export const index = defineFact({
  name: 'pacman.index',
  about: 'Seconds since the package lists were refreshed, if there is one for each repository.',
  command: () => sh`d=$(pacman-conf DBPath)sync || exit 1
r=$(pacman-conf --repo-list) || exit 1
[ -d "$d" ] && [ -n "$r" ] || exit 0
set -f
for f in $r; do [ -e "$d/$f.db" ] || exit 0; done
m=$(stat -c %Y -- "$d") && n=$(date +%s) && echo $((n-m))`,
  parse: (stdout): PackageIndex => ({ age: stdout === '' ? undefined : Math.max(0, Number(stdout)) }),
  reads: () => [touch.named('package-index')],
})
