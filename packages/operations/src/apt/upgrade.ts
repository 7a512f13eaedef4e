import { ChaosError, defineOperation } from '@chaos/core'
import type { Change, Diff, Host, Removal } from '@chaos/core'
import { z } from 'zod'
import { cacheTime } from '../server/package-list.ts'
import { aptGetWithin, refreshIndex } from './command.ts'
import { aptInventory } from './inventory.ts'
import { aptIndex } from './package-index.ts'
import { aptSimulation } from './simulation.ts'

const schema = z.strictObject({
  full: z.boolean().default(false).describe('Also what needs another package to go (dist-upgrade).'),
  autoremove: z.boolean().default(false).describe('Also removes what came as a dependency and is needed no more.'),
  update: z.boolean().default(false).describe('Refreshes the index first, when it is older than `cacheTime`.'),
  cacheTime,
})
type Args = z.output<typeof schema>

/** All packages are as new as the index has them. Only what goes is named in advance; a dry run refreshes no index. */
export const upgrade = defineOperation({
  name: 'apt.upgrade',
  about: 'Ensures that no package is older than the index has it; what is on hold stays.',
  example: { full: true, update: true },
  args: schema,
  title: ({ full }) => (full ? 'full' : ''),
  diff,
})

async function diff({ full, autoremove, update, cacheTime }: Args, host: Host): Promise<Diff> {
  const verb = full ? 'dist-upgrade' : 'upgrade'
  const options = [...(full ? [] : ['--with-new-pkgs']), ...(autoremove ? ['--auto-remove'] : [])]
  const [{ age }, { installs, removes, error }, { packages }] = await Promise.all([host.fact(aptIndex()), host.fact(aptSimulation(verb, options, [])), host.fact(aptInventory())])
  if (error !== undefined) throw new ChaosError('PACKAGES_IMPOSSIBLE', { message: `apt cannot upgrade ${host.name}: ${error}.`, hint: `Look at it there with apt-get -s ${verb}.`, host: host.name })
  const refresh = update && (age === undefined || age > cacheTime)
  if (!refresh && installs.length === 0 && removes.length === 0) return []
  const run = aptGetWithin(removes, verb, options)
  const explicit = [...packages.values()].filter((each) => each.explicit).length
  const upgraded: Change = {
    summary: installs.length === 0 && removes.length > 0 && !refresh ? 'remove what is needed no more' : `upgrade ${installs.length === 0 ? 'what is newer in the new index' : count(installs.length)}`,
    before: installs.map(({ name, from }) => (from === undefined ? '' : `${name} ${from}\n`)).join(''),
    after: installs.map(({ name, version }) => `${name} ${version}\n`).join(''),
    ...(removes.length === 0 ? {} : { removes: removes.map((name): Removal => ({ kind: 'package', name, of: explicit })) }),
    do: [{ run }],
  }
  return [...(refresh ? [{ summary: 'refresh the package index', do: [{ run: refreshIndex }] }] : []), upgraded]
}

function count(packages: number): string {
  return packages === 1 ? 'one package' : `${packages} packages`
}
