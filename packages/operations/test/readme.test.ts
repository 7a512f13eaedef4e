import { readFileSync } from 'node:fs'
import type { Op } from '@chaos/core'
import { expect, test } from 'vitest'
import { files, server } from '../src/index.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const ROWS = README.split('\n').filter((line) => /^\| `(?:files|server)\./.test(line))
const EXAMPLES = ROWS.map((row) => /`((?:files|server)\.\w+\(\{.*?\}\))`/.exec(row)?.[1] ?? row)

test('the table has a row for each operation', () => {
  const rows = ROWS.flatMap((row) => (row.split('|')[1] ?? '').match(/\w+\.\w+/g) ?? [])
  const all = [...Object.keys(files).map((name) => `files.${name}`), ...Object.keys(server).map((name) => `server.${name}`)]
  expect(rows.toSorted()).toEqual(all.toSorted())
})

test.each(EXAMPLES)('the example is one its schema accepts: %s', (example) => {
  const [, kind = '', name = '', args = ''] = /^(\w+)\.(\w+)\((.*)\)$/.exec(example) ?? []
  const operations: Record<string, unknown> = kind === 'files' ? files : server
  const plain = args.replaceAll(/([{,] *)(\w+):/g, '$1"$2":').replaceAll("'", '"').replace('9f86…0a08', '0'.repeat(64))
  expect((operations[name] as (given: unknown) => Op)(JSON.parse(plain)).definition.name).toMatch(/^files\.|^server\./)
})
