import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const SOURCES = path.join(import.meta.dirname, '../src')
const CONTRACTS = ['role', 'explain', 'keys', 'provider', 'boat', 'connector', 'plugin-context']

/** Members of interfaces, and what is exported, without a docstring before them. */
function bare(file: string): string[] {
  const lines = readFileSync(path.join(SOURCES, file), 'utf8').split('\n')
  const said = lines.map((line, index) => ({ line, before: (lines[index - 1] ?? '').trim() }))
  return said
    .filter(({ line }) => /^export (?:interface|type|function) \w|^ {2}(?:readonly )?(?:\w+\??|\[\w+: string\])(?::|\(|<)/.test(line) && !/^ {2}(?:return|if|throw)\b/.test(line))
    // An overload is documented by the first, and what is said of a member may have a note for the linter below.
    .filter(({ line, before }) => !before.endsWith('*/') && !before.startsWith('// oxlint') && !before.startsWith(`export function ${/function (\w+)/.exec(line)?.[1] ?? '-'}`))
    .map(({ line }) => line.trim())
}

it.each(CONTRACTS)('every member of the contract in %s.ts says what it is', (name) => {
  expect(readdirSync(SOURCES)).toContain(`${name}.ts`)
  expect(bare(`${name}.ts`)).toEqual([])
})
