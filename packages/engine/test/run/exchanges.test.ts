import { afterEach, beforeEach, expect, test } from 'vitest'
import { sh } from '@chaos/core'
import { files } from '../../../operations/src/index.ts'
import type { Fake } from '../../../testkit/src/index.ts'
import { act, applyTo, fakeConnector, note, notes, textOf } from './support.ts'

let fake: Fake
beforeEach(() => {
  fake = fakeConnector()
})
afterEach(() => fake.close())

test('100 operations that are already so take 2 exchanges: opening and facts', async () => {
  await applyTo(fake, ['one'], (folder) => notes(folder, 100))
  const second = await applyTo(fake, ['one'], (folder) => notes(folder, 100))
  expect(second.hosts[0]).toMatchObject({ state: 'ok', exchanges: 2, operations: { ok: 100, changed: 0 } })
})

test('20 independent changes take 4 exchanges: opening, facts, changes, verify', async () => {
  const first = await applyTo(fake, ['one'], (folder) => notes(folder, 20))
  expect(first.hosts[0]).toMatchObject({ state: 'changed', exchanges: 4, operations: { changed: 20, failed: 0 } })
  expect(textOf(`${fake.folder('one')}/note-19`)).toBe('hello\n')
})

test('adding operations adds no exchange', async () => {
  const few = await applyTo(fake, ['few'], (folder) => notes(folder, 2))
  const many = await applyTo(fake, ['many'], (folder) => notes(folder, 60))
  expect(many.hosts[0]?.exchanges).toBe(few.hosts[0]?.exchanges)
})

test('a dry run takes 2 exchanges and changes nothing', async () => {
  const dry = await applyTo(fake, ['one'], (folder) => notes(folder, 3), { dry: true })
  expect(dry.hosts[0]).toMatchObject({ state: 'ok', exchanges: 2 })
  expect(dry.plan.changes).toEqual({ hosts: 1, operations: 3, removals: 0, later: 0 })
  expect(textOf(`${fake.folder('one')}/note-0`)).toBeUndefined()
})

test('an operation whose facts an earlier one touched is compared again in the exchange of that change', async () => {
  const applied = await applyTo(fake, ['one'], (folder) => [
    act({ command: sh`printf %s made > ${`${folder}/x`}`, touches: [`${folder}/x`] }),
    note({ path: `${folder}/x`, text: 'made' }),
    note({ path: `${folder}/y`, text: 'y' }),
  ])
  // opening, facts, act + look at x again, y, verify with the lock given back
  expect(applied.hosts[0]).toMatchObject({ state: 'changed', exchanges: 5, operations: { changed: 2, ok: 1 } })
})

test('what the engine counts is what the host answers', async () => {
  const applied = await applyTo(fake, ['one'], (folder) => notes(folder, 5))
  expect(fake.turns('one')).toBe(applied.hosts[0]?.exchanges)
})

test('20 files that differ take 4 exchanges too: what they hold comes along with the question', async () => {
  const puts = (text: string) => (folder: string) => Array.from({ length: 20 }, (_, n) => files.put({ path: `${folder}/${n}`, content: `${text} ${n}\n` }))
  await applyTo(fake, ['one'], puts('old'))
  const applied = await applyTo(fake, ['one'], puts('new'))
  expect(applied.plan.hosts[0]?.roles[0]?.operations[7]?.changes).toMatchObject([{ summary: 'update content', before: { text: 'old 7\n' }, after: { text: 'new 7\n' } }])
  expect(applied.hosts[0]).toMatchObject({ state: 'changed', exchanges: 4, operations: { changed: 20 } })
})
