import { defineFact, touch } from '@chaos/core'
import type { Requirement } from '../server/package-backend.ts'
import { bareName, fieldOf, localDatabase } from './local-database.ts'

/** What the installed packages need of each other. Versions are left to pacman, which looks again when something is removed. */
export const requirements = defineFact({
  name: 'pacman.requirements',
  about: 'Which installed packages each installed package needs.',
  command: () => localDatabase(['DEPENDS', 'PROVIDES']),
  parse: parseRequirements,
  reads: () => [touch.named('package')],
})

export function parseRequirements(stdout: string): readonly Requirement[] {
  const needs: { by: string; name: string }[] = []
  const brings = new Map<string, Set<string>>()
  let by = ''
  const bring = (name: string): void => void brings.set(name, (brings.get(name) ?? new Set()).add(by))
  for (const { field, value } of stdout.split('\n').map(fieldOf).filter((each) => each !== undefined)) {
    if (field === 'NAME') {
      by = value
      bring(by)
    } else if (field === 'PROVIDES') bring(bareName(value))
    else if (field === 'DEPENDS') needs.push({ by, name: bareName(value) })
  }
  return needs.flatMap(({ by, name }) => {
    const anyOf = [...(brings.get(name) ?? [])]
    return anyOf.length === 0 ? [] : [{ by, anyOf }]
  })
}
