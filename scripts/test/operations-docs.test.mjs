import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { OPERATION_OPTIONS } from '../../packages/cli/src/explain/operation-options.ts'
import { ACTIONS } from '../../packages/cli/src/explain/operations.ts'
import { referenceOf } from '../../packages/cli/src/explain/reference.ts'
import { validateNow } from '../../packages/core/src/index.ts'
import * as exported from '../../packages/operations/src/index.ts'
import { operationsPage } from '../operations-docs.mjs'
import { ROOT } from '../program.mjs'

const all = { ...exported }
const { operations, facts } = referenceOf(all)
const families = [...new Set(operations.map(({ name }) => name.split('.')[0]))]

it('shows in docs/operations.md what the operations say of themselves', async () => {
  const page = operationsPage({ families, operations, facts, options: OPERATION_OPTIONS, actions: ACTIONS })
  await expect(page, 'node scripts/operations-docs.mjs brings it up to date').toMatchFileSnapshot(path.join(ROOT, 'docs/operations.md'))
})

it.each(operations.map(({ name }) => name))('%s says what it is about, and its example is one that it takes', (name) => {
  const [family, member] = name.split('.')
  const { about, example, args } = all[family][member].definition
  expect(about).toMatch(/^[A-Z].+\.$/)
  expect(example).toBeTypeOf('object')
  expect(validateNow(args, example).issues).toBeUndefined()
})

it('every argument of every operation is described', () => {
  const bare = operations.flatMap(({ name, fields }) => fields.filter(({ description }) => description === undefined).map((field) => `${name} ${field.name}`))
  expect(bare).toEqual([])
})

it('every fact says what it answers', () => {
  expect(facts.filter(({ about }) => about === undefined).map(({ name }) => name)).toEqual([])
})

it('options are told in the words that core has for them', () => {
  const docs = Object.fromEntries([...membersOf('host.ts', 'Elevation'), ...membersOf('operation.ts', 'OperationOptions')])
  expect(Object.fromEntries(Object.entries(OPERATION_OPTIONS).map(([name, { description }]) => [name, description]))).toEqual(docs)
})

/** Members of an interface of core with their docstrings. */
function membersOf(file, name) {
  const source = readFileSync(path.join(ROOT, 'packages/core/src', file), 'utf8')
  const [, body] = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([^]*?)^\\}`, 'm').exec(source)
  return [...body.matchAll(/\/\*\*([^]*?)\*\/\s*(\w+)\?:/g)].map(([, doc, member]) => [member, doc.replaceAll(/\n\s*\* ?/g, ' ').replaceAll(/\s+/g, ' ').trim()])
}
