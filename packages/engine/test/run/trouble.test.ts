import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { revealSecret, secret, sh } from '@chaos/core'
import { files, server } from '../../../operations/src/index.ts'
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

test('a secret that was made of another for a command is not shown when the command prints it', async () => {
  const made = secret('canary-77aa').map((text) => text.toUpperCase().replaceAll('-', '+'))
  const applied = await applyTo(fake, ['one'], () => [server.shell({ commands: 'cat; cat >&2; exit 3', stdin: made })])
  expect(applied.hosts[0]).toMatchObject({ state: 'failed', error: { code: 'CHANGE_FAILED' } })
  expect(JSON.stringify([applied.events, applied.hosts])).not.toContain(revealSecret(made))
})

test('of an output that is longer than is kept neither a secret nor the beginning of one is shown, and what is missing is told', async () => {
  const text = 'canary-ä-of-a-long-secret'
  // The second time it is cut within a character.
  const before = 16 * 1024 * 1024 - Buffer.byteLength(`${text}\ncanary-`) - 1
  const commands = `head -c ${before} /dev/zero | tr '\\0' x; read -r line || printf '%s\\n' "$line" "$line"`
  const applied = await applyTo(fake, ['one'], () => [server.shell({ commands, stdin: secret(text) })])
  const [{ text: shown } = { text: '' }] = applied.of('output')
  expect([shown.length, shown.slice(-10)]).toEqual([before + 7, 'xxx***\n***'])
  const missing = Buffer.byteLength('ä-of-a-long-secret\n') - 1
  expect(applied.of('warning')).toMatchObject([{ code: 'OUTPUT_CUT', message: expect.stringContaining(`${missing} bytes of it are not shown`) }])
})
