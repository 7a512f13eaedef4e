import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { secret, sh } from '@chaos/core'
import { files } from '../../../operations/src/index.ts'
import type { Fake } from '../../../testkit/src/index.ts'
import { act, applyTo, fakeConnector, textOf } from './support.ts'

let fake: Fake
let folder: string
beforeEach(() => {
  fake = fakeConnector()
  folder = fake.folder('one')
})
afterEach(() => fake.close())

const root = process.getuid?.() === 0
const mayMount = root && spawnSync('unshare', ['-m', 'true']).status === 0

test.skipIf(!mayMount)('a full disk is an error of its own, the old file stays, and nothing is left beside it (needs root)', async () => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status).toBe(0)
  try {
    writeFileSync(join(disk, 'file'), 'old')
    const applied = await applyTo(fake, ['one'], () => [files.put({ path: join(disk, 'file'), content: 'x'.repeat(200_000) }), files.put({ path: join(folder, 'after'), content: 'x' })])
    expect(applied.hosts[0]).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL', hint: expect.stringContaining('df -h') } })
    expect(readFileSync(join(disk, 'file'), 'utf8')).toBe('old')
    expect(readdirSync(disk)).toEqual(['file'])
    expect(existsSync(join(folder, 'after'))).toBe(false)
  } finally {
    spawnSync('umount', [disk])
  }
})

test.skipIf(!root)('a missing right is an error that says how to have it (needs root)', async () => {
  const closed = join(folder, 'closed')
  mkdirSync(closed)
  chmodSync(closed, 0o755)
  const applied = await applyTo(fake, ['one'], () => [files.put({ path: join(closed, 'x'), content: 'x' }, { su: 'nobody' })])
  expect(applied.hosts[0]).toMatchObject({ state: 'failed', error: { code: 'PERMISSION_DENIED', hint: expect.stringContaining('sudo: true') } })
  expect(readdirSync(closed)).toEqual([])
})

test.skipIf(!root)('several users on one host in one run, each with a shell of its own (needs root)', async () => {
  chmodSync(folder, 0o777)
  const applied = await applyTo(fake, ['one'], (at) => [
    act({ command: sh`id -un > ${`${at}/first`}` }),
    act({ command: sh`id -un > ${`${at}/second`}` }, { su: 'nobody' }),
    act({ command: sh`id -un > ${`${at}/third`}` }),
  ])
  expect(applied.hosts[0]).toMatchObject({ state: 'changed' })
  expect(['first', 'second', 'third'].map((name) => textOf(join(folder, name)))).toEqual(['root\n', 'nobody\n', 'root\n'])
})

test('a host that cannot be reached ends that host alone', async () => {
  fake.refuse('two')
  const applied = await applyTo(fake, ['one', 'two'], (at) => [files.put({ path: join(at, 'x'), content: 'x' })])
  expect(applied.hosts.map(({ host, state }) => [host, state])).toEqual([['@fake/one', 'changed'], ['@fake/two', 'unreachable']])
  expect(applied.end.outcome).toBe('failed')
})

test('the journal holds every event, is for its owner alone, and never a secret', async () => {
  const journal = mkdtempSync(join(tmpdir(), 'chaos-journal-'))
  try {
    const applied = await applyTo(fake, ['one'], (at) => [files.put({ path: join(at, 'x'), content: secret('canary-77aa') })], { journal })
    const [name] = readdirSync(journal)
    const file = join(journal, name ?? '')
    const lines = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { type: string })
    expect(lines[0]).toMatchObject({ type: 'journal', version: 1 })
    expect(lines.slice(1).map(({ type }) => type)).toEqual(applied.events.map(({ type }) => type))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toContain('canary-77aa')
    expect(textOf(join(folder, 'x'))).toBe('canary-77aa')
  } finally {
    rmSync(journal, { recursive: true })
  }
})
