import { readFileSync } from 'node:fs'
import type { Op } from '@chaos/core'
import { expect, test } from 'vitest'
import { apt, files, git, pacman, server, systemd } from '../src/index.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const FAMILIES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { apt, files, git, pacman, server, systemd }
const ROWS = README.split('\n').filter((line) => /^\| `(?:apt|files|git|pacman|server|systemd)\./.test(line))
const EXAMPLES = ROWS.map((row) => /`(\w+\.\w+\(\{.*?\}\))`/.exec(row)?.[1] ?? row)

test('the table has a row for each operation', () => {
  const rows = ROWS.flatMap((row) => (row.split('|')[1] ?? '').match(/\w+\.\w+/g) ?? [])
  const all = Object.entries(FAMILIES).flatMap(([family, operations]) => Object.keys(operations).map((name) => `${family}.${name}`))
  expect(rows.toSorted()).toEqual(all.toSorted())
})

test.each(EXAMPLES)('the example is one its schema accepts: %s', (example) => {
  const [, kind = '', name = '', args = ''] = /^(\w+)\.(\w+)\((.*)\)$/.exec(example) ?? []
  const plain = args.replaceAll(/([{,] *)(\w+):/g, '$1"$2":').replaceAll("'", '"').replace('9f86…0a08', '0'.repeat(64))
  const operation = (FAMILIES[kind] ?? {})[name] as (given: unknown) => Op
  expect(operation(JSON.parse(plain)).definition.name).toBe(name === 'dir' ? 'files.directory' : `${kind}.${name}`)
})
