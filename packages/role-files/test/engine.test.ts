import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyWith, explainSuite, fakeConnector, roleSuite, treeOf } from '@chaos/testkit'
import { afterAll, describe, expect, it, test } from 'vitest'
import explain from '../src/explain.ts'
import role from '../src/index.ts'

const directory = mkdtempSync(join(realpathSync(tmpdir()), 'chaos-role-files-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
writeFileSync(join(directory, 'tool.sh'), '#!/bin/sh\necho hi\n')
writeFileSync(join(directory, 'motd.j2'), 'Welcome to {{ host.name }}, run by {{ team }}.\n')

/** One list with each state there is. */
const all = (folder: string) => ({
  files: [
    { path: `${folder}/app`, mode: '0750' },
    { path: `${folder}/app/text`, content: 'hello\n', mode: '0600' },
    { path: `${folder}/app/tool`, source: 'tool.sh', mode: '0755' },
    { path: `${folder}/app/motd`, template: 'motd.j2', vars: { team: 'ops' } },
    { path: `${folder}/app/current`, target: 'text' },
    { path: `${folder}/app/empty`, state: 'file' },
    { path: `${folder}/old`, state: 'absent' },
    { path: `${folder}/old-folder`, state: 'absent' },
    { path: `${folder}/old-link`, state: 'absent' },
  ],
})

function prepare(folder: string): void {
  writeFileSync(`${folder}/old`, 'x')
  mkdirSync(`${folder}/old-folder/full`, { recursive: true })
  writeFileSync(`${folder}/kept`, 'kept')
  symlinkSync('kept', `${folder}/old-link`)
}

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)

function check(folder: string): void {
  expect([modeOf(`${folder}/app`), modeOf(`${folder}/app/text`), modeOf(`${folder}/app/tool`)]).toEqual(['750', '600', '755'])
  expect(readFileSync(`${folder}/app/text`, 'utf8')).toBe('hello\n')
  expect(readFileSync(`${folder}/app/tool`, 'utf8')).toBe('#!/bin/sh\necho hi\n')
  expect(readFileSync(`${folder}/app/motd`, 'utf8')).toBe('Welcome to @fake/a, run by ops.\n')
  expect(readlinkSync(`${folder}/app/current`)).toBe('text')
  expect(lstatSync(`${folder}/app/empty`).size).toBe(0)
  expect(['old', 'old-folder', 'old-link'].filter((name) => lstatSync(`${folder}/${name}`, { throwIfNoEntry: false }))).toEqual([])
  expect(readFileSync(`${folder}/kept`, 'utf8')).toBe('kept')
}

function drift(folder: string): void {
  writeFileSync(`${folder}/app/text`, 'drifted')
  rmSync(`${folder}/app/tool`)
  writeFileSync(`${folder}/app/motd`, '')
  rmSync(`${folder}/app/current`)
  symlinkSync('motd', `${folder}/app/current`)
  mkdirSync(`${folder}/old`)
}

roleSuite({
  name: 'files', role, directory, describe, it,
  cases: [
    { name: 'each state', prepare, desired: all, check, drift },
    { name: 'an empty list', desired: () => ({ files: [] }), already: true },
  ],
})

explainSuite({ name: 'files', explain, describe, it })

test('each state in one list takes one exchange for the changes and one to look again; then there is nothing to do, in 2', async () => {
  const fake = fakeConnector()
  try {
    const folder = fake.folder('a')
    prepare(folder)
    const apply = (dry = false) => applyWith({ roles: { files: role }, desired: all(folder), load: fake.load, directory, dry })
    const before = treeOf(folder)
    expect((await apply(true)).plan.changes.removals).toBe(3)
    expect(treeOf(folder)).toEqual(before)
    const first = await apply()
    expect(first.errors).toEqual([])
    expect(first.end.operations).toMatchObject({ changed: 9, failed: 0 })
    const second = await apply()
    expect(second.end.operations).toMatchObject({ changed: 0, ok: 9 })
    expect(second.hosts[0]?.exchanges).toBe(2)
    expect(existsSync(`${folder}/old`)).toBe(false)
  } finally {
    await fake.close()
  }
})
