import { defineFact, defineOperation, sh, touch } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { whenFree } from './lock.ts'

/** A package that is older than what the lists offer. */
export interface Outdated {
  readonly name: string
  readonly from: string
  readonly to: string
}

/** Installed packages that the lists offer in a newer version, without those that pacman.conf tells to ignore. */
export const outdated = defineFact({
  name: 'pacman.outdated',
  about: 'Installed packages of which the package lists offer a newer version.',
  command: () => sh`LC_ALL=C pacman -Qu`,
  exit: [0, 1],
  parse: parseOutdated,
  reads: () => [touch.named('package'), touch.named('package-index')],
})

export function parseOutdated(stdout: string, { code, stderr }: { readonly code: number; readonly stderr: string }): readonly Outdated[] {
  // 1 is also: none.
  const error = /^error: .*$/m.exec(stderr)
  if (code !== 0 && error) throw new Error(error[0])
  return [...stdout.matchAll(/^(\S+) (\S+) -> (\S+)$/gm)].map(([, name = '', from = '', to = '']) => ({ name, from, to }))
}

/** Upgrades what is older than the package lists say, `-Su`. */
export const upgrade = defineOperation({
  name: 'pacman.upgrade',
  about: 'Ensures that no installed package is older than the package lists say. The lists stay as they are: pacman.update refreshes them.',
  args: z.strictObject({}),
  example: {},
  title: () => '',
  diff,
})

async function diff(_: object, host: Host): Promise<Diff> {
  const old = await host.fact(outdated())
  if (old.length === 0) return []
  const lines = (version: 'from' | 'to') => old.map((each) => `${each.name} ${each[version]}\n`).join('')
  return [{
    summary: `upgrade ${old.length} ${old.length === 1 ? 'package' : 'packages'}`,
    before: lines('from'), after: lines('to'),
    do: [{ run: whenFree(sh`pacman -Su --noconfirm --noprogressbar`) }],
  }]
}
