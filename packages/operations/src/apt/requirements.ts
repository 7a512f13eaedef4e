import { defineFact, script, touch } from '@chaos/core'
import type { Requirement } from '../server/package-backend.ts'

const LOOK = script(`export LC_ALL=C
dpkg --print-architecture || exit
dpkg-query -W -f '=\${Package}\\t\${Architecture}\\t\${db:Status-Status}\\t\${Provides}\\t\${Pre-Depends}, \${Depends}\\t\${Recommends}\\n'`)

/** What the installed packages need of each other, by their dependencies and recommendations. */
export const aptRequirements = defineFact({
  name: 'apt.requirements',
  about: 'What the installed packages need of each other.',
  command: () => LOOK,
  parse: readRequirements,
  reads: () => [touch.named('package')],
})

interface Entry {
  readonly name: string
  readonly depends: string
  readonly recommends: string
}

function readRequirements(stdout: string): Requirement[] {
  const [architecture = '', ...lines] = stdout.split('\n')
  if (architecture === '') throw new Error('dpkg does not say which architecture it has')
  const entries: Entry[] = []
  const having = new Map<string, string[]>()
  for (const line of lines) {
    if (!line.startsWith('=')) continue
    const [plain = '', of = '', status = '', provides = '', depends = '', recommends = ''] = line.slice(1).split('\t')
    if (status === 'not-installed' || status === 'config-files') continue
    const name = of === 'all' || of === architecture ? plain : `${plain}:${of}`
    entries.push({ name, depends, recommends })
    for (const known of [plain, ...names(provides, ',')]) having.set(known, [...(having.get(known) ?? []), name])
  }
  const requirementsOf = (name: string, field: string): Requirement[] =>
    field.split(',').flatMap((alternatives) => {
      const anyOf = [...new Set(names(alternatives, '|').flatMap((each) => having.get(each) ?? []))]
      return anyOf.length === 0 || anyOf.includes(name) ? [] : [{ by: name, anyOf }]
    })
  return entries.flatMap(({ name, depends, recommends }) => [
    ...requirementsOf(name, depends),
    ...requirementsOf(name, recommends).map((each) => ({ ...each, soft: true })),
  ])
}

/** Names of a dependency field, without versions and architectures. */
function names(field: string, separator: string): string[] {
  return field.split(separator).map((each) => each.trim().split(/[\s:(]/)[0] ?? '').filter(Boolean)
}
