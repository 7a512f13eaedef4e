import { ChaosError, sh } from '@chaos/core'
import type { Change, Host } from '@chaos/core'
import { heldPackage } from '../server/package-difference.ts'
import { refused, staleLock } from './errors.ts'
import { matchesPattern } from './pattern.ts'
import type { PacmanInventory } from './inventory.ts'
import { whenFree } from './lock.ts'
import { removing } from './simulation.ts'

/** The removal of installed packages: exactly these, or with `recursive` also dependencies that nothing else needs. What others need is an error that names them. */
export async function removal(names: readonly string[], { packages }: PacmanInventory, host: Host, { recursive = false }: { readonly recursive?: boolean } = {}): Promise<Change[]> {
  if (names.length === 0) return []
  const would = await host.fact(removing(names, recursive))
  if (would.staleLock !== undefined) throw staleLock(would.staleLock, host)
  const held = names.find((name) => packages.get(name)?.held === true || would.hold.some((pattern) => matchesPattern(pattern, name)))
  if (held !== undefined) throw heldPackage(held, host.name, 'removed')
  const [needed] = would.needed
  // What is protected is refused by its name, which says more.
  const isProtected = names.some((name) => host.protects('package', name) !== undefined)
  if (needed && !isProtected) {
    throw new ChaosError('PACKAGE_NEEDED', {
      message: `${needed.name} cannot be removed from ${host.name}: ${needed.by}, which stays, needs it.`,
      hint: `Say that ${[...new Set(would.needed.map(({ by }) => by))].join(', ')} should be absent too, or keep ${needed.name}.`,
      host: host.name,
      details: { needed: would.needed },
    })
  }
  if (would.refused !== undefined && !isProtected) throw refused('remove', names, would.refused, host)
  // Dependencies that go along are weighed against all that is there.
  const weighed = recursive ? packages.size : [...packages.values()].filter((each) => each.explicit).length
  const going = would.packages.length > 0 ? would.packages : names
  const along = going.filter((name) => !names.includes(name))
  return [{
    summary: `remove ${names.join(', ')}${along.length === 0 ? '' : `, with ${along.join(', ')}`}`,
    before: going.map((name) => `${name} ${packages.get(name)?.version ?? ''}\n`).join(''),
    after: null,
    removes: going.map((name) => ({ kind: 'package', name, of: weighed })),
    do: [{ run: whenFree(sh`pacman -R ${recursive ? ['-s'] : []} --noconfirm --noprogressbar -- ${names}`) }],
  }]
}
