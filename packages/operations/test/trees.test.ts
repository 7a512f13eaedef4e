import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyWith, fakeConnector } from '@chaos/testkit'
import type { Fake } from '@chaos/testkit'
import { defineRole } from '@chaos/core'
import type { Op } from '@chaos/core'
import { files, server } from '../src/index.ts'
import { temporaryDirectories } from './support/temporary.ts'

const temporary = temporaryDirectories()
let fake: Fake
let there: string
let here: string
beforeEach(() => {
  fake = fakeConnector()
  there = fake.folder('one')
  here = temporary()
})
afterEach(() => fake.close())

async function apply(op: Op, options: { dry?: boolean } = {}) {
  const applied = await applyWith({ load: fake.load, hosts: ['@fake/one'], roles: { test: defineRole(() => [op]) }, directory: here, ...options })
  const [host] = applied.hosts
  return { state: host?.state, error: host?.error, exchanges: host?.exchanges, summaries: applied.plan.hosts[0]?.roles[0]?.operations[0]?.changes.map(({ summary }) => summary) }
}

function put(folder: string, path: string, content: string | Uint8Array): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), content)
}

describe('files.sync', () => {
  test('a tree is brought over, and the second run finds nothing to do in 2 exchanges', async () => {
    put(here, 'site/index.html', '<h1>hi</h1>\n')
    put(here, 'site/css/main.css', 'body {}\n')
    put(here, 'site/blob', new Uint8Array(Array.from({ length: 300 }, (_, n) => n % 256)))
    put(here, "site/odd name's\nend", 'x')
    const sync = files.sync({ src: 'site', path: `${there}/www`, mode: '0640', dirMode: '0750' })
    expect(await apply(sync)).toMatchObject({ state: 'changed' })
    expect(readFileSync(`${there}/www/css/main.css`, 'utf8')).toBe('body {}\n')
    expect(readFileSync(`${there}/www/blob`)).toEqual(readFileSync(join(here, 'site/blob')))
    expect(readFileSync(`${there}/www/odd name's\nend`, 'utf8')).toBe('x')
    expect((statSync(`${there}/www/css`).mode & 0o777).toString(8)).toBe('750')
    expect((statSync(`${there}/www/css/main.css`).mode & 0o777).toString(8)).toBe('640')
    expect(await apply(sync)).toMatchObject({ state: 'ok', exchanges: 2 })
  })

  test('200 small files take 4 exchanges', async () => {
    for (let n = 0; n < 200; n++) put(here, `site/${n % 10}/${n}`, `file ${n}\n`)
    const sync = files.sync({ src: 'site', path: `${there}/www` })
    expect(await apply(sync)).toMatchObject({ state: 'changed', exchanges: 4 })
    expect(readFileSync(`${there}/www/7/147`, 'utf8')).toBe('file 147\n')
    expect(await apply(sync)).toMatchObject({ state: 'ok', exchanges: 2 })
  })

  test('only what differs is changed', async () => {
    put(here, 'site/a', 'a')
    put(here, 'site/b', 'b')
    const sync = files.sync({ src: 'site', path: `${there}/www` })
    await apply(sync)
    writeFileSync(`${there}/www/b`, 'drifted')
    expect(await apply(sync)).toMatchObject({ state: 'changed', summaries: ['b: update content'] })
  })

  test('what is on the host alone stays, and goes with delete, except what is excluded', async () => {
    put(here, 'site/a', 'a')
    put(there, 'www/old/x', 'x')
    put(there, 'www/keep.log', 'x')
    expect(await apply(files.sync({ src: 'site', path: `${there}/www` }))).toMatchObject({ summaries: ['a: create file'] })
    expect(await apply(files.sync({ src: 'site', path: `${there}/www`, delete: true, exclude: ['*.log'] }))).toMatchObject({ state: 'changed', summaries: ['old: remove directory'] })
    expect(existsSync(`${there}/www/old`)).toBe(false)
    expect(existsSync(`${there}/www/keep.log`)).toBe(true)
  })

  test('something else in the way is an error, unless it may be replaced', async () => {
    put(here, 'site/a', 'a')
    mkdirSync(`${there}/www/a`, { recursive: true })
    expect(await apply(files.sync({ src: 'site', path: `${there}/www` }))).toMatchObject({ state: 'failed', error: { code: 'FILE_WRONG_TYPE' } })
    expect(await apply(files.sync({ src: 'site', path: `${there}/www`, force: true }))).toMatchObject({ state: 'changed' })
    expect(readFileSync(`${there}/www/a`, 'utf8')).toBe('a')
  })

  test('a dry run changes nothing', async () => {
    put(here, 'site/a', 'a')
    expect(await apply(files.sync({ src: 'site', path: `${there}/www` }), { dry: true })).toMatchObject({ state: 'ok' })
    expect(existsSync(`${there}/www`)).toBe(false)
  })
})

describe('files.get', () => {
  test('a file is fetched when it differs, byte for byte', async () => {
    const bytes = new Uint8Array(Array.from({ length: 70_000 }, (_, n) => (n * 7) % 256))
    put(there, 'blob', bytes)
    const get = files.get({ path: `${there}/blob`, dest: 'fetched/' })
    expect(await apply(get)).toMatchObject({ state: 'changed' })
    expect(new Uint8Array(readFileSync(join(here, 'fetched/blob')))).toEqual(bytes)
    expect(await apply(get)).toMatchObject({ state: 'ok', exchanges: 2 })
  })

  test('a file that is not there is an error that says so', async () => {
    expect(await apply(files.get({ path: `${there}/none`, dest: 'x' }))).toMatchObject({ state: 'failed', error: { code: 'FILE_MISSING' } })
  })
})

describe('files.download', () => {
  let address: string
  let loaded = 0
  const content = 'downloaded\n'
  const sha256 = createHash('sha256').update(content).digest('hex')
  const web = createServer((request, response) => {
    loaded++
    if (request.url === '/broken') response.writeHead(500).end('no')
    else response.end(content)
  })
  beforeEach(async () => {
    loaded = 0
    await new Promise<void>((done) => web.listen(0, '127.0.0.1', done))
    address = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  })
  afterEach(() => new Promise((done) => web.close(done)))

  test('a file is loaded once, checked, with its mode', async () => {
    const download = files.download({ url: `${address}/x`, path: `${there}/d/x`, sha256, mode: '0600' })
    expect(await apply(download)).toMatchObject({ state: 'changed' })
    expect(readFileSync(`${there}/d/x`, 'utf8')).toBe(content)
    expect((statSync(`${there}/d/x`).mode & 0o777).toString(8)).toBe('600')
    expect(await apply(download)).toMatchObject({ state: 'ok' })
    expect(loaded).toBe(1)
  })

  test('a file that is another one is not put in place, and nothing is left beside it', async () => {
    put(there, 'x', 'old')
    expect(await apply(files.download({ url: `${address}/x`, path: `${there}/x`, sha256: '0'.repeat(64) }))).toMatchObject({ state: 'failed', error: { code: 'CHANGE_FAILED' } })
    expect(readFileSync(`${there}/x`, 'utf8')).toBe('old')
    expect(await apply(files.download({ url: `${address}/broken`, path: `${there}/y` }))).toMatchObject({ state: 'failed' })
    const { readdirSync } = await import('node:fs')
    expect(readdirSync(there)).toEqual(['x'])
  })
})

describe('server.script', () => {
  test('a script of the controller runs on the host with its arguments, and nothing of it stays', async () => {
    put(here, 'do.sh', 'echo "$1|$2" > "$3"\n')
    expect(await apply(server.script({ src: 'do.sh', args: ['a b', '$HOME', `${there}/out`] }))).toMatchObject({ state: 'changed' })
    expect(readFileSync(`${there}/out`, 'utf8')).toBe('a b|$HOME\n')
  })

  test('with creates it runs until that is there', async () => {
    const script = server.script({ content: `echo x >> ${there}/log\n`, creates: `${there}/log` })
    await apply(script)
    expect(await apply(script)).toMatchObject({ state: 'ok' })
    expect(readFileSync(`${there}/log`, 'utf8')).toBe('x\n')
  })
})

test('a path through a symlink is understood', async () => {
  mkdirSync(`${there}/real`)
  symlinkSync('real', `${there}/link`)
  expect(await apply(files.put({ path: `${there}/link/x`, content: 'x' }))).toMatchObject({ state: 'changed' })
  expect(readFileSync(`${there}/real/x`, 'utf8')).toBe('x')
  chmodSync(`${there}/real/x`, 0o600)
})
