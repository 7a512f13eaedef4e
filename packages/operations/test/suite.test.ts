import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRole } from '@chaos/core'
import type { Op } from '@chaos/core'
import { applyWith, fakeConnector, operationSuite } from '@chaos/testkit'
import type { OperationCase } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { files, server } from '../src/index.ts'

const here = mkdtempSync(join(realpathSync(tmpdir()), 'chaos-operations-suite-'))
mkdirSync(join(here, 'site/css'), { recursive: true })
writeFileSync(join(here, 'site/index.html'), '<h1>hi</h1>\n')
writeFileSync(join(here, 'site/css/main.css'), 'body {}\n')
writeFileSync(join(here, 'motd.j2'), '{{ host.name }} runs {{ what }}\n')
const DOWNLOADED = 'downloaded\n'
const web = createServer((_, response) => response.end(DOWNLOADED))
let address = ''
beforeAll(async () => {
  await new Promise<void>((done) => web.listen(0, '127.0.0.1', done))
  address = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((done) => web.close(done))
  rmSync(here, { recursive: true, force: true })
})

const read = (path: string) => readFileSync(path, 'utf8')
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)
const holds = (name: string, text: string) => (folder: string) => expect(read(`${folder}/${name}`)).toBe(text)
const write = (name: string, text: string) => (folder: string) => writeFileSync(`${folder}/${name}`, text)
const remove = (name: string) => (folder: string) => rmSync(`${folder}/${name}`, { recursive: true })

/** Every operation of the package. */
const CASES: readonly OperationCase[] = [
  {
    name: 'files.file', operation: (at) => files.file({ path: `${at}/p/f`, mode: '0600' }),
    check: (at) => expect([read(`${at}/p/f`), modeOf(`${at}/p/f`)]).toEqual(['', '600']), drift: (at) => chmodSync(`${at}/p/f`, 0o644),
  },
  {
    name: 'files.file that is to be gone', prepare: write('f', 'x'), operation: (at) => files.file({ path: `${at}/f`, present: false }),
    check: (at) => expect(existsSync(`${at}/f`)).toBe(false), drift: write('f', 'back'),
  },
  {
    name: 'files.directory', operation: (at) => files.directory({ path: `${at}/a/b`, mode: '0750' }),
    check: (at) => expect(modeOf(`${at}/a/b`)).toBe('750'), drift: (at) => chmodSync(`${at}/a/b`, 0o700),
  },
  { name: 'server.dir', operation: (at) => server.dir({ path: `${at}/d` }), check: (at) => expect(statSync(`${at}/d`).isDirectory()).toBe(true), drift: remove('d') },
  {
    name: 'files.link', prepare: write('x', ''), operation: (at) => files.link({ path: `${at}/l`, target: 'x' }),
    check: (at) => expect(readlinkSync(`${at}/l`)).toBe('x'),
    drift: (at) => {
      rmSync(`${at}/l`)
      symlinkSync('elsewhere', `${at}/l`)
    },
  },
  {
    name: 'files.link, a hard one', prepare: write('x', 'same'), operation: (at) => files.link({ path: `${at}/l`, target: `${at}/x`, symbolic: false }),
    check: (at) => expect(statSync(`${at}/l`).ino).toBe(statSync(`${at}/x`).ino), drift: remove('l'),
  },
  { name: 'files.put', operation: (at) => files.put({ path: `${at}/etc/motd`, content: "it's\n" }), check: holds('etc/motd', "it's\n"), drift: write('etc/motd', 'drifted') },
  {
    name: 'files.template', operation: (at) => files.template({ path: `${at}/motd`, src: 'motd.j2', vars: { what: 'nginx' } }),
    check: holds('motd', '@fake/a runs nginx\n'), drift: write('motd', ''),
  },
  {
    name: 'files.line', prepare: write('conf', '#Port 1\nx\n'), operation: (at) => files.line({ path: `${at}/conf`, line: 'Port 22', match: '^#?Port ' }),
    check: holds('conf', 'Port 22\nx\n'), drift: write('conf', 'Port 23\nx\n'),
  },
  {
    name: 'files.block', prepare: write('conf', 'x\n'), operation: (at) => files.block({ path: `${at}/conf`, content: 'a\nb' }),
    check: holds('conf', 'x\n# BEGIN chaos\na\nb\n# END chaos\n'), drift: write('conf', 'x\n# BEGIN chaos\nb\n# END chaos\n'),
  },
  {
    name: 'files.replace', prepare: write('conf', 'a.b a.b\n'), operation: (at) => files.replace({ path: `${at}/conf`, text: 'a.b', replace: 'c' }),
    check: holds('conf', 'c c\n'), drift: write('conf', 'a.b c\n'),
  },
  {
    name: 'files.sync', operation: (at) => files.sync({ src: 'site', path: `${at}/www`, mode: '0640' }),
    check: (at) => expect([read(`${at}/www/css/main.css`), modeOf(`${at}/www/index.html`)]).toEqual(['body {}\n', '640']), drift: remove('www/css'),
  },
  {
    name: 'files.download', operation: (at) => files.download({ url: `${address}/x`, path: `${at}/x`, sha256: createHash('sha256').update(DOWNLOADED).digest('hex') }),
    check: holds('x', DOWNLOADED), drift: write('x', 'drifted'),
  },
  {
    name: 'files.get', prepare: write('there', 'from the host\n'), operation: (at) => files.get({ path: `${at}/there`, dest: `${at}/here` }),
    check: holds('here', 'from the host\n'), drift: write('here', 'drifted'),
  },
  { name: 'server.shell', action: true, operation: (at) => server.shell({ commands: [`cd ${at}`, `echo x >> ${at}/log`] }), check: holds('log', 'x\n') },
  { name: 'server.shell with creates', operation: (at) => server.shell({ commands: `echo x >> ${at}/log`, creates: `${at}/log` }), check: holds('log', 'x\n'), drift: remove('log') },
  { name: 'server.script', action: true, operation: (at) => server.script({ content: 'echo "$1" >> "$2"\n', args: ['a b', `${at}/log`] }), check: holds('log', 'a b\n') },
  { name: 'server.script with creates', operation: (at) => server.script({ content: `echo x >> ${at}/log\n`, creates: `${at}/log` }), check: holds('log', 'x\n'), drift: remove('log') },
]

operationSuite({ name: 'operations', cases: CASES, directory: here, describe, it })

/** Applies on one host until the work is over, with the shell given. */
async function onHost(work: (folder: string, apply: (ops: readonly Op[]) => ReturnType<typeof applyWith>) => Promise<void>, shell?: string): Promise<void> {
  const fake = fakeConnector(shell === undefined ? {} : { shell })
  try {
    await work(fake.folder('a'), (ops) => applyWith({ load: fake.load, roles: { test: defineRole(() => ops) }, directory: here }))
  } finally {
    await fake.close()
  }
}

const states = CASES.filter(({ action }) => action !== true)

test.each(states)('$name: with nothing to do a run takes 2 exchanges', ({ prepare, operation }) =>
  onHost(async (folder, apply) => {
    await prepare?.(folder)
    await apply([operation(folder)].flat())
    const { errors, hosts } = await apply([operation(folder)].flat())
    expect([errors, hosts[0]?.state, hosts[0]?.exchanges]).toEqual([[], 'ok', 2])
  }))

/** Operations that do not meet each other. */
function mixed(folder: string, count: number): Op[] {
  return Array.from({ length: count }, (_, index) => {
    const path = `${folder}/${index}`
    const kinds = [
      () => files.put({ path, content: `${index}`.repeat(100) }),
      () => files.directory({ path, mode: '0750' }),
      () => files.link({ path, target: 'anywhere' }),
      () => files.file({ path, mode: '0600' }),
      () => files.template({ path, text: 'number {{ n }}\n', vars: { n: index } }),
      () => files.line({ path, line: 'a line' }),
      () => files.block({ path, content: 'a block' }),
    ]
    return kinds[index % kinds.length]!()
  })
}

test.each([1, 20, 60])('%i changes of up to 8 KB take 4 exchanges: opening, facts, changes, and a look again', (count) =>
  onHost(async (folder, apply) => {
    const ops = Array.from({ length: count }, (_, index) => files.put({ path: `${folder}/${index}`, content: `${index}\n`.padEnd(index === 0 ? 8192 : 200, 'x') }))
    const { errors, hosts, end } = await apply(ops)
    expect([errors, end.operations.changed, hosts[0]?.exchanges]).toEqual([[], count, 4])
  }))

test('20 changes of mixed kinds take 4 exchanges, and 100 operations that are already so take 2', () =>
  onHost(async (folder, apply) => {
    expect((await apply(mixed(folder, 20))).hosts[0]?.exchanges).toBe(4)
    expect((await apply(mixed(folder, 100))).errors).toEqual([])
    const { hosts, end } = await apply(mixed(folder, 100))
    expect([end.operations.ok, end.operations.changed, hosts[0]?.exchanges]).toEqual([100, 0, 2])
  }))

for (const shell of ['/usr/bin/bash', '/usr/bin/busybox', '/usr/bin/mksh']) {
  test.skipIf(!existsSync(shell))(`under ${shell}: each state is applied, is then so in 2 exchanges, and is mended (needs ${shell})`, { timeout: 240_000 }, () =>
    onHost(async (folder, apply) => {
      const parts = states.map((each, index) => ({ ...each, at: `${folder}/${index}` }))
      const ops = () => parts.flatMap(({ operation, at }) => operation(at))
      for (const { prepare, at } of parts) {
        mkdirSync(at)
        await prepare?.(at)
      }
      for (const _ of ['made', 'mended']) {
        const changed = await apply(ops())
        expect([changed.errors, changed.end.operations.changed]).toEqual([[], parts.length])
        for (const { check, at } of parts) await check?.(at)
        const { errors, hosts } = await apply(ops())
        expect([errors, hosts[0]?.state, hosts[0]?.exchanges]).toEqual([[], 'ok', 2])
        for (const { drift, at } of parts) await drift?.(at)
      }
    }, shell))
}
