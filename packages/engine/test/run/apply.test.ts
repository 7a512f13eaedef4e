import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defineRole, defineOperation, secret, sh, touch } from '@chaos/core'
import type { Command } from '@chaos/core'
import type { Fake } from '../../../testkit/src/index.ts'
import { gone, reads, shellsOf } from '../shells.ts'
import { act, anything, applyRoles, applyTo, content, fakeConnector, note, textOf } from './support.ts'

let fake: Fake
let folder: string
let LOCK: string
beforeEach(() => {
  fake = fakeConnector()
  folder = fake.folder('one')
  LOCK = `${folder}/../../state/one/lock`
})
afterEach(() => fake.close())


describe('order and failure', () => {
  test('operations run in written order', async () => {
    await applyTo(fake, ['one'], (at) => [1, 2, 3].map((n) => act({ command: sh`echo ${n} >> ${`${at}/log`}` })))
    expect(textOf(`${folder}/log`)).toBe('1\n2\n3\n')
  })

  test('the first failure ends the host, and what follows is skipped with the reason', async () => {
    const applied = await applyTo(fake, ['one', 'two'], (at) => [
      note({ path: `${at}/before`, text: 'x' }),
      act({ command: at.endsWith('one') ? sh`echo broken >&2; exit 7` : sh`:` }),
      note({ path: `${at}/after`, text: 'x' }),
    ])
    const [one, two] = applied.hosts
    expect(one).toMatchObject({ state: 'failed', operations: { changed: 1, failed: 1, skipped: 1 }, error: { code: 'CHANGE_FAILED', details: { exitCode: 7, stderr: 'broken\n' } } })
    expect(one?.error?.message).toContain('broken')
    expect(two).toMatchObject({ state: 'changed', operations: { changed: 3 } })
    expect(applied.end).toMatchObject({ outcome: 'failed', hosts: { failed: 1, changed: 1 } })
    expect(existsSync(`${folder}/after`)).toBe(false)
    expect(applied.of('operation.end').find(({ state }) => state === 'skipped')?.reason).toBe('an operation before it failed')
  })

  test('a failure that is ignored does not end the host', async () => {
    const applied = await applyTo(fake, ['one'], (at) => [act({ command: sh`exit 1` }, { ignoreErrors: true }), note({ path: `${at}/after`, text: 'x' })])
    expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { failed: 1, changed: 1 } })
  })

  test('nothing is changed on a host whose plan failed', async () => {
    const role = defineRole(function* () {
      yield note({ path: `${folder}/x`, text: 'x' })
      throw new Error('no such thing')
    })
    const applied = await applyRoles(fake, ['one'], { test: role })
    expect(applied.hosts[0]).toMatchObject({ state: 'failed', error: { code: 'UNEXPECTED' } })
    expect(existsSync(`${folder}/x`)).toBe(false)
  })

  test('a step may be tried again', async () => {
    const applied = await applyTo(fake, ['one'], (at) => [
      act({ command: sh`echo x >> ${`${at}/tries`}; [ "$(wc -l < ${`${at}/tries`})" -ge 3 ]` }, { retries: 3, retryDelay: 0 }),
    ])
    expect(applied.hosts[0]).toMatchObject({ state: 'changed' })
    expect(textOf(`${folder}/tries`)).toBe('x\nx\nx\n')
  })
})

describe('conditions', () => {
  test('ifChanged runs once when any of several changed, and not on the second run', async () => {
    const steps = function* (at: string) {
      const one = yield* note({ path: `${at}/a`, text: 'a' })
      const two = yield* note({ path: `${at}/b`, text: 'b' })
      yield act({ command: sh`echo restarted >> ${`${at}/log`}` }, { ifChanged: [one, two] })
    }
    await applyTo(fake, ['one'], steps)
    const second = await applyTo(fake, ['one'], steps)
    expect(textOf(`${folder}/log`)).toBe('restarted\n')
    expect(second.hosts[0]).toMatchObject({ state: 'ok', exchanges: 2 })
  })

  test('ifFailed rescues: the failure it waits for does not end the host', async () => {
    const applied = await applyTo(fake, ['one'], function* (at) {
      const bad = yield* act({ command: sh`exit 1` })
      yield act({ command: sh`echo rescued > ${`${at}/log`}` }, { ifFailed: bad })
    })
    expect(textOf(`${folder}/log`)).toBe('rescued\n')
    expect(applied.hosts[0]).toMatchObject({ state: 'changed' })
  })

  test('one operation object may serve many hosts', async () => {
    const shared = note({ path: `${fake.folder('shared')}/x`, text: 'x' })
    const role = defineRole(function* ({ host }) {
      const result = yield* shared
      yield act({ command: sh`echo ${host.name} >> ${`${fake.folder('shared')}/log`}` }, { ifChanged: result })
    })
    const applied = await applyRoles(fake, ['one', 'two'], { test: role })
    expect(applied.hosts.map(({ state }) => state)).not.toContain('failed')
  })
})

test('an operation that was made and never yielded is an error that names it', async () => {
  const applied = await applyTo(fake, ['one'], function* (at) {
    note({ path: `${at}/forgotten`, text: 'x' })
    yield note({ path: `${at}/kept`, text: 'x' })
  })
  expect(applied.hosts[0]?.error).toMatchObject({ code: 'OPERATION_NOT_YIELDED', message: expect.stringContaining('test.note') })
})

test('an operation that is still not so after its changes has failed', async () => {
  const never = defineOperation({ name: 'test.never', args: anything<{ path: string }>(), diff: () => [{ summary: 'try', do: [{ run: sh`:` }] }], touches: () => [] })
  const applied = await applyTo(fake, ['one'], (at) => [never({ path: at })])
  expect(applied.hosts[0]).toMatchObject({ state: 'failed', error: { code: 'VERIFY_FAILED' } })
})

test('what an earlier change must make first is known after apply, and then compared', async () => {
  const unit = defineOperation({
    name: 'test.unit',
    args: anything<{ path: string }>(),
    async diff({ path }, host) {
      const have = await host.fact(content(path))
      return have === null ? { later: `${path} is not there yet` } : have === 'right\n' ? [] : [{ summary: 'mend', do: [{ run: sh`echo right > ${path}` }] }]
    },
    touches: ({ path }) => [touch.path(path)],
  })
  const steps = (at: string) => [act({ command: sh`echo wrong > ${`${at}/unit`}`, touches: [`${at}/unit`] }), unit({ path: `${at}/unit` })]
  const applied = await applyTo(fake, ['one'], steps)
  expect(applied.plan.hosts[0]?.roles[0]?.operations[1]).toMatchObject({ verdict: 'later', reason: expect.stringContaining('not there yet') })
  expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 2 } })
  expect(textOf(`${folder}/unit`)).toBe('right\n')
})

test('a role whose context was touched is drawn again at its turn', async () => {
  const first = defineRole(() => [note({ path: `${folder}/seen`, text: 'yes' })])
  const second = defineRole({
    keys: {},
    context: ({ host }) => host.fact(content(`${folder}/seen`)),
    delta: (seen) => ({ add: seen === 'yes' ? [`${folder}/second`] : [] }),
    plan: ({ add }) => add.map((path) => note({ path, text: 'x' })),
  })
  const applied = await applyRoles(fake, ['one'], { first, second })
  expect(textOf(`${folder}/second`)).toBe('x')
  expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 2 } })
})

test('a role that began in the frame of the one before it is not drawn again because of its own changes', async () => {
  const first = defineRole(() => [note({ path: `${folder}/first`, text: 'x' })])
  const second = defineRole({
    keys: {},
    context: ({ host }) => host.fact(content(`${folder}/second`)),
    delta: (have) => ({ add: have === null ? [`${folder}/second`] : [] }),
    plan: ({ add }) => add.map((path) => note({ path, text: 'x' })),
  })
  const applied = await applyRoles(fake, ['one'], { first, second })
  expect(applied.hosts[0]).toMatchObject({ state: 'changed', exchanges: 4, operations: { changed: 2, ok: 0 } })
})

test('what comes out at its turn and removes more than was confirmed is refused', async () => {
  writeFileSync(`${folder}/victim`, 'x')
  const first = defineRole(() => [note({ path: `${folder}/seen`, text: 'yes' })])
  const second = defineRole(async function* ({ host }) {
    if ((await host.fact(content(`${folder}/seen`))) === 'yes') yield note({ path: `${folder}/victim`, text: null })
  })
  const applied = await applyRoles(fake, ['one'], { first, second })
  expect(applied.hosts[0]).toMatchObject({ state: 'failed', error: { code: 'REMOVAL_NOT_CONFIRMED' } })
  expect(textOf(`${folder}/victim`)).toBe('x')
})

test('more removals than may go without a question change nothing', async () => {
  for (let n = 0; n < 12; n++) writeFileSync(`${folder}/old-${n}`, 'x')
  const applied = await applyTo(fake, ['one'], (at) => Array.from({ length: 12 }, (_, n) => note({ path: `${at}/old-${n}`, text: null })))
  expect(applied.hosts[0]).toMatchObject({ state: 'failed', error: { code: 'TOO_MANY_REMOVALS' } })
  expect(readdirSync(folder).filter((name) => name.startsWith('old-'))).toHaveLength(12)
})

/** What a command waits for, so that it is under way for as long as it takes. */
const waiting = (at: string): Command => sh`while [ ! -e ${`${at}/go`} ]; do sleep 0.02; done`
const go = (): void => writeFileSync(`${folder}/go`, '')

/** Once the first command of the host has written its log. */
function whenBegun(work: () => void): void {
  const timer = setInterval(() => {
    if (!textOf(`${folder}/log`)) return
    clearInterval(timer)
    work()
  }, 10)
}

/** Interrupts the host when its first command has begun; that goes on when the shell has been told. */
function whenStopped(stop: AbortController): void {
  whenBegun(() => void reads(shellsOf(fake, 'one')[0] as number, () => stop.abort()).then(go))
}

describe('what ends a command', () => {
  test('a command that never ends is ended in time, with all it started', async () => {
    const applied = await applyTo(fake, ['one'], () => [act({ command: sh`sleep 300 & sleep 300` }, { timeout: 0.5 })])
    expect(applied.hosts[0]).toMatchObject({ state: 'failed', error: { code: 'CHANGE_TIMEOUT' } })
    expect(fake.running('one')).toEqual([])
  })

  test('a shell that is killed in mid-change: the host is looked at again, and nothing is repeated', async () => {
    whenBegun(() => {
      fake.killShells('one')
      go()
    })
    const applied = await applyTo(fake, ['one'], (at) => [act({ command: sh`echo x >> ${`${at}/log`}; ${waiting(at)}` }), note({ path: `${at}/after`, text: 'x' })])
    expect(textOf(`${folder}/log`)).toBe('x\n')
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 1, skipped: 1 }, error: { code: 'OUTCOME_UNKNOWN' } })
    expect(existsSync(`${folder}/after`)).toBe(false)
  })

  test('a connection that is cut in mid-change and was done is seen to be done', async () => {
    const slow = defineOperation({
      name: 'test.slow',
      args: anything<{ path: string }>(),
      diff: async ({ path }, host) => ((await host.fact(content(path))) === 'x\n' ? [] : [{ summary: 'write', do: [{ run: sh`echo x > ${path}; ${waiting(folder)}` }] }]),
      touches: ({ path }) => [touch.path(path)],
    })
    whenBegun(() => {
      const shells = shellsOf(fake, 'one')
      fake.break('one')
      void gone(shells).then(go)
    })
    const applied = await applyTo(fake, ['one'], (at) => [slow({ path: `${at}/log` }), note({ path: `${at}/after`, text: 'x' })])
    expect(applied.of('warning')).toMatchObject([{ code: 'CONNECTION_LOST' }, { code: 'OUTCOME_OBSERVED' }])
    expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 2 } })
    expect(fake.connections('one')).toBe(2)
  })

  test('the first interrupt lets what runs finish and starts nothing new', async () => {
    const stop = new AbortController()
    whenStopped(stop)
    const applied = await applyTo(
      fake, ['one'],
      (at) => [act({ command: sh`echo 1 >> ${`${at}/log`}; ${waiting(at)}; echo 2 >> ${`${at}/log`}`, touches: [`${at}/next`] }), note({ path: `${at}/next`, text: 'x' })],
      { signal: stop.signal },
    )
    expect(textOf(`${folder}/log`)).toBe('1\n2\n')
    expect(existsSync(`${folder}/next`)).toBe(false)
    expect(applied.end.outcome).toBe('interrupted')
    expect(existsSync(LOCK)).toBe(false)

  })

  test('after the first interrupt what stands behind in the same frame does not start', async () => {
    const stop = new AbortController()
    whenStopped(stop)
    const applied = await applyTo(
      fake, ['one'],
      (at) => [act({ command: sh`echo 1 >> ${`${at}/log`}; ${waiting(at)}` }), act({ command: sh`echo 2 >> ${`${at}/log`}` }), note({ path: `${at}/note`, text: 'x' })],
      { signal: stop.signal },
    )
    expect(textOf(`${folder}/log`)).toBe('1\n')
    expect(existsSync(`${folder}/note`)).toBe(false)
    expect(applied.hosts[0]).toMatchObject({ operations: { changed: 1, skipped: 2, failed: 0, unknown: 0 } })
    expect(applied.of('operation.end').filter(({ state }) => state === 'skipped').map(({ reason }) => reason)).toEqual(['interrupted', 'interrupted'])
    expect(existsSync(LOCK)).toBe(false)
  })

  test('what an operation has begun it brings to its end', async () => {
    const stop = new AbortController()
    whenStopped(stop)
    const both = defineOperation({
      name: 'test.both', args: anything<{ at: string }>(), action: true, touches: () => [],
      diff: ({ at }) => [{ summary: 'both', do: [{ run: sh`echo 1 >> ${`${at}/log`}; ${waiting(at)}` }, { run: sh`echo 2 >> ${`${at}/log`}` }] }],
    })
    const applied = await applyTo(fake, ['one'], (at) => [both({ at }), act({ command: sh`echo 3 >> ${`${at}/log`}` })], { signal: stop.signal })
    expect(textOf(`${folder}/log`)).toBe('1\n2\n')
    expect(applied.hosts[0]).toMatchObject({ operations: { changed: 1, skipped: 1 } })
  })

  test('the second interrupt ends what runs', async () => {
    const stop = new AbortController()
    const kill = new AbortController()
    whenBegun(() => {
      stop.abort()
      kill.abort()
    })
    const applied = await applyTo(fake, ['one'], (at) => [act({ command: sh`echo 1 >> ${`${at}/log`}; sleep 300` })], { signal: stop.signal, kill: kill.signal })
    expect(applied.end.outcome).toBe('interrupted')
    expect(fake.running('one')).toEqual([])
    expect(existsSync(LOCK)).toBe(false)
  })
})

describe('the lock', () => {
  test('another run is refused by name, and the lock is given back at the end', async () => {
    mkdirSync(LOCK, { recursive: true })
    const { readFileSync, rmSync } = await import('node:fs')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    writeFileSync(`${LOCK}/owner`, `run other-run\ncontroller ana@desk\npid 1\nboot ${boot}\nsince 2026-01-01T00:00:00Z\n`)
    try {
      const refused = await applyTo(fake, ['one'], (at) => [note({ path: `${at}/x`, text: 'x' })])
      expect(refused.hosts[0]?.error).toMatchObject({ code: 'LOCKED', message: expect.stringContaining('ana@desk'), hint: expect.stringContaining('chaos unlock other-run') })
      expect(existsSync(`${folder}/x`)).toBe(false)
      writeFileSync(`${LOCK}/owner`, `run other-run\ncontroller ana@desk\npid 1\nboot an-older-boot\nsince 2026-01-01T00:00:00Z\n`)
      const taken = await applyTo(fake, ['one'], (at) => [note({ path: `${at}/x`, text: 'x' })])
      expect(taken.hosts[0]).toMatchObject({ state: 'changed' })
      expect(existsSync(LOCK)).toBe(false)
    } finally {
      rmSync(LOCK, { recursive: true, force: true })
    }
  })
})

test('a secret is written whole and shown nowhere', async () => {
  const write = defineOperation({
    name: 'test.secret',
    args: anything<{ path: string; text: ReturnType<typeof secret> }>(),
    diff: ({ path, text }) => [{ summary: 'write', after: text, do: [{ write: { path, content: text, mode: '0600' } }, { run: sh`cat ${path}; cat ${path} >&2` }] }],
    touches: ({ path }) => [touch.path(path)],
    action: true,
  })
  const applied = await applyTo(fake, ['one'], (at) => [write({ path: `${at}/s`, text: secret('canary-5f1e') })])
  expect(textOf(`${folder}/s`)).toBe('canary-5f1e')
  expect(JSON.stringify([applied.events, applied.plan, applied.hosts])).not.toContain('canary-5f1e')
  expect(applied.of('output').map(({ text }) => text)).toEqual(['***', '***'])
})

test('what a role added is remembered on the host, and read when the next run opens', async () => {
  const role = defineRole(function* ({ host }) {
    const known = Object.keys(host.state().items)
    yield note({ path: `${folder}/known`, text: known.join(',') })
    yield note({ path: `${folder}/added`, text: 'x' }, { remember: { id: 'added' } })
  })
  await applyRoles(fake, ['one'], { remembering: role })
  await applyRoles(fake, ['one'], { remembering: role })
  expect(textOf(`${folder}/known`)).toBe('added')
})

test('50 hosts at once each get their own', async () => {
  const names = Array.from({ length: 50 }, (_, n) => `host-${n}`)
  const applied = await applyTo(fake, names, (at) => [note({ path: `${at}/name`, text: at })])
  expect(applied.end).toMatchObject({ outcome: 'done', hosts: { changed: 50 } })
  for (const name of names) expect(textOf(`${fake.folder(name)}/name`)).toBe(fake.folder(name))
})
