import { defineFact, script, touch } from '@chaos/core'
import type { InstalledPackage, Inventory } from '../server/package-backend.ts'

/** What dpkg has, in its own terms too. */
export interface AptInventory extends Inventory {
  /** The host's own architecture: `amd64`. */
  readonly architecture: string
  /** Unpacked and not configured, or not even whole. */
  readonly broken: ReadonlySet<string>
  /** Removed, with their configuration left. */
  readonly residual: ReadonlySet<string>
}

/** Two files that are read, and no cache that is made: `apt-mark showmanual` takes a second. */
const LOOK = script(`export LC_ALL=C
dpkg --print-architecture || exit
dpkg-query -W -f '=\${Package}\\t\${Architecture}\\t\${Version}\\t\${db:Status-Want}\\t\${db:Status-Status}\\t\${Priority} \${Essential} \${Protected}\\t\${Provides}\\n' || exit
for f in /var/lib/dpkg/updates/[0-9]*; do if [ -e "$f" ]; then echo interrupted; fi; done
[ ! -e /var/lib/apt/extended_states ] ||
awk '/^Package: /{p=$2} /^Architecture: /{a=$2} /^Auto-Installed: 1/{print "auto\\t" p "\\t" a}' /var/lib/apt/extended_states`)

/** All packages of the host, with their versions, what they provide, and which of them somebody asked for. */
export const aptInventory = defineFact({
  name: 'apt.inventory',
  about: 'All packages of the host: version, whether somebody asked for it or it came along, whether it is on hold, what it provides.',
  command: () => LOOK,
  parse: readInventory,
  reads: () => [touch.named('package')],
})

/** A package whose triggers have not run yet is there. */
const INSTALLED = new Set(['installed', 'triggers-pending', 'triggers-awaited'])

function readInventory(stdout: string): AptInventory {
  const [architecture = '', ...lines] = stdout.split('\n')
  if (!/^[a-z0-9-]+$/.test(architecture)) throw new Error('dpkg does not say which architecture it has')
  const nameOf = (name: string, of: string): string => (of === 'all' || of === architecture ? name : `${name}:${of}`)
  const automatic = new Set(lines.filter((line) => line.startsWith('auto\t')).map((line) => nameOf(...pair(line.split('\t')))))
  const packages = new Map<string, InstalledPackage>()
  const provided = new Map<string, string[]>()
  const broken = new Set<string>()
  const residual = new Set<string>()
  for (const line of lines) {
    if (!line.startsWith('=')) continue
    const [plain = '', of = '', version = '', want, status = '', rank = '', provides = ''] = line.slice(1).split('\t')
    const name = nameOf(plain, of)
    if (INSTALLED.has(status)) {
      packages.set(name, { name, version, explicit: !automatic.has(name), held: want === 'hold', base: /^(required|important) | yes/.test(rank) })
      for (const virtual of provides.split(', ').map((each) => each.split(' ')[0] ?? '')) {
        if (virtual !== '') provided.set(virtual, [...(provided.get(virtual) ?? []), name])
      }
    } else if (status === 'config-files') residual.add(name)
    else if (status !== 'not-installed') broken.add(name)
  }
  if (packages.size === 0) throw new Error('dpkg knows no installed package at all')
  return { architecture, native: `:${architecture}`, packages, provided, broken, residual, interrupted: broken.size > 0 || lines.includes('interrupted') }
}

function pair([, name = '', architecture = '']: readonly string[]): [string, string] {
  return [name, architecture]
}
