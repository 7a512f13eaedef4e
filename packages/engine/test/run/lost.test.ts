import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defineConnector, defineOperation, sh, touch } from '@chaos/core'
import type { Command } from '@chaos/core'
import { lastInterrupted } from '../../src/index.ts'
import type { Fake } from '../../../testkit/src/index.ts'
import { gone, shellsOf } from '../shells.ts'
import { act, anything, applyTo, content, fakeConnector, textOf } from './support.ts'

let fake: Fake
let folder: string
beforeEach(() => {
  fake = fakeConnector()
  folder = fake.folder('one')
})
afterEach(() => fake.close())

/** A file with the text `done`, made by this command; `at/NAME.ran` gets a line each time it runs. */
const made = defineOperation({
  name: 'test.made',
  args: anything<{ at: string; name: string; how?: Command }>(),
  async diff({ at, name, how }, host) {
    const have = await host.fact(content(`${at}/${name}`))
    const make = how ?? sh`echo done > ${`${at}/${name}`}`
    return have === 'done\n' ? [] : [{ summary: have === null ? 'make' : 'mend', before: have, do: [{ run: sh`echo ran >> ${`${at}/${name}.ran`}; ${make}` }] }]
  },
  touches: ({ at, name }) => [touch.path(`${at}/${name}`)],
})

/** Once a file is there. */
function once(path: string, work: () => void): void {
  const timer = setInterval(() => {
    if (!existsSync(path)) return
    clearInterval(timer)
    work()
  }, 5)
}

/** Cuts the connection when `made` NAME has begun. What `waiting` made it wait for comes when the old shell has ended: when the host was told to begin nothing more. */
function cut(name: string, options: { unnoticed?: boolean } = {}): void {
  once(`${folder}/${name}.ran`, () => {
    const shells = shellsOf(fake, 'one')
    fake.break('one', options)
    void gone(shells).then(() => go(name))
  })
}

const go = (name: string): void => writeFileSync(`${folder}/${name}.go`, '')
const waiting = (at: string, name: string): Command => sh`while [ ! -e ${`${at}/${name}.go`} ]; do sleep 0.02; done`

const ran = (name: string): number => textOf(`${folder}/${name}.ran`)?.split('\n').filter(Boolean).length ?? 0
const lock = (): string => join(folder, '..', '..', 'state', 'one', 'lock')

describe('a connection that is lost in mid-change', () => {
  for (const unnoticed of [false, true]) {
    const how = unnoticed ? 'the host does not notice' : 'the host notices'
    test(`what runs is waited for, looked at again and told as done; what stood behind it runs once (${how})`, async () => {
      cut('a', { unnoticed })
      const applied = await applyTo(fake, ['one'], (at) => [
        made({ at, name: 'a', how: sh`${waiting(at, 'a')}; echo done > ${`${at}/a`}` }),
        made({ at, name: 'b' }),
        made({ at, name: 'c' }),
      ])
      expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 3, unknown: 0, failed: 0 } })
      expect(['a', 'b', 'c'].map(ran)).toEqual([1, 1, 1])
      expect(applied.of('warning').map(({ code }) => code)).toEqual(['CONNECTION_LOST', 'OUTCOME_OBSERVED'])
      expect(applied.of('operation.end')[0]).toMatchObject({ state: 'changed', reason: expect.stringContaining('looked at again') })
      expect(fake.connections('one')).toBe(2)
      expect(existsSync(lock())).toBe(false)
    })

    test(`what is only half done is unknown, tells what differs, and nothing behind it runs (${how})`, async () => {
      cut('a', { unnoticed })
      const applied = await applyTo(fake, ['one'], (at) => [
        made({ at, name: 'a', how: sh`echo half > ${`${at}/a`}; ${waiting(at, 'a')}` }),
        made({ at, name: 'b' }),
      ])
      expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 1, skipped: 1 } })
      expect(applied.hosts[0]?.error).toMatchObject({ code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('mend'), hint: expect.stringContaining('Apply again') })
      expect(applied.hosts[0]?.error?.details).toMatchObject({ difference: [{ summary: 'mend', before: { text: 'half\n' } }] })
      expect(['a', 'b'].map(ran)).toEqual([1, 0])
      expect(applied.end.outcome).toBe('failed')
      expect(existsSync(lock())).toBe(false)
    })

    test(`an action is never repeated and stays unknown (${how})`, async () => {
      cut('act', { unnoticed })
      const applied = await applyTo(fake, ['one'], (at) => [act({ command: sh`echo x >> ${`${at}/log`}; touch ${`${at}/act.ran`}; ${waiting(at, 'act')}` }), made({ at, name: 'b' })])
      expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 1, skipped: 1 } })
      expect([textOf(`${folder}/log`), ran('b')]).toEqual(['x\n', 0])
    })
  }

  test('what still runs there when patience ends is unknown, and said to run', async () => {
    once(`${folder}/a`, () => fake.break('one', { unnoticed: true }))
    const applied = await applyTo(fake, ['one'], (at) => [made({ at, name: 'a', how: sh`echo done > ${`${at}/a`}; sleep 300` }, { timeout: 3 }), made({ at, name: 'b' })])
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', error: { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('still runs') } })
    expect(ran('b')).toBe(0)
    // Whoever comes next must not change what it is still changing.
    expect(applied.of('warning').at(-1)).toMatchObject({ code: 'LOCK_LEFT', hint: expect.stringContaining(`chaos unlock ${applied.id}`) })
    expect(existsSync(lock())).toBe(true)
  })

  test('a host that cannot be reached again is unknown, with all that had left in the frame', async () => {
    once(`${folder}/a.ran`, () => {
      fake.refuse('one')
      fake.break('one', { unnoticed: true })
      go('a')
    })
    const applied = await applyTo(fake, ['one'], (at) => [made({ at, name: 'a', how: sh`${waiting(at, 'a')}; echo done > ${`${at}/a`}` }), made({ at, name: 'b' })])
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 2 }, error: { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('refused the connection') } })
    expect(applied.of('warning').map(({ code }) => code)).toContain('LOCK_LEFT')
  })

  test('what the role remembers of a change that was seen to be done is kept', async () => {
    cut('a', { unnoticed: true })
    const applied = await applyTo(fake, ['one'], (at) => [
      made({ at, name: 'a', how: sh`${waiting(at, 'a')}; echo done > ${`${at}/a`}` }, { remember: { id: 'a' } }),
      made({ at, name: 'b' }, { remember: { id: 'b' } }),
    ])
    expect(applied.hosts[0]).toMatchObject({ state: 'changed' })
    const state = JSON.parse(readFileSync(join(lock(), '..', 'state', 'test.json'), 'utf8')) as { items: object }
    expect(Object.keys(state.items)).toEqual(['a', 'b'])
  })

  test('lost again and again, each change runs once', async () => {
    for (const name of ['a', 'b', 'c']) cut(name, { unnoticed: name !== 'b' })
    const applied = await applyTo(fake, ['one'], (at) => ['a', 'b', 'c'].map((name) => made({ at, name, how: sh`${waiting(at, name)}; echo done > ${`${at}/${name}`}` })))
    expect(applied.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 3 } })
    expect(['a', 'b', 'c'].map(ran)).toEqual([1, 1, 1])
    expect(fake.connections('one')).toBe(4)
  })

  test('a large file whose content was under way leaves nothing beside its place', async () => {
    mkdirSync(`${folder}/to`)
    writeFileSync(`${folder}/from`, Buffer.alloc(64 * 1024 * 1024))
    const { files } = await import('../../../operations/src/index.ts')
    const timer = setInterval(() => {
      if (readdirSync(`${folder}/to`).length === 0) return
      clearInterval(timer)
      fake.break('one', { unnoticed: true })
    }, 1)
    const applied = await applyTo(fake, ['one'], (at) => [files.put({ path: `${at}/to/large`, src: `${at}/from` })])
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown' })
    expect(readdirSync(`${folder}/to`)).toEqual([])
  })

  test('Ctrl-C before it came back: nothing more is tried, the outcome is unknown', async () => {
    const stop = new AbortController()
    once(`${folder}/a.ran`, () => {
      stop.abort()
      fake.break('one')
    })
    const applied = await applyTo(fake, ['one'], (at) => [made({ at, name: 'a', how: sh`sleep 300` }), made({ at, name: 'b' })], { signal: stop.signal })
    expect(applied.end.outcome).toBe('interrupted')
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 1, skipped: 1 } })
    expect([ran('b'), fake.connections('one')]).toEqual([0, 1])
  })

  test('Ctrl-C while it connects again: it stops waiting, the outcome is unknown, and the lock is said to be left', async () => {
    const stop = new AbortController()
    let opened = 0
    const connector = defineConnector({
      open: (target, context) => {
        if (++opened === 1) return fake.connector.open!(target, context)
        setImmediate(() => stop.abort())
        return new Promise(() => {})
      },
    })
    const held: Fake = { ...fake, load: async (kind, name) => (name === 'fake' ? connector : fake.load(kind, name)) }
    once(`${folder}/a.ran`, () => fake.break('one'))
    const applied = await applyTo(held, ['one'], (at) => [made({ at, name: 'a', how: sh`sleep 300` }), made({ at, name: 'b' })], { signal: stop.signal })
    expect(applied.end.outcome).toBe('interrupted')
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 2 }, error: { code: 'OUTCOME_UNKNOWN', details: { cause: 'INTERRUPTED' } } })
    expect([ran('b'), opened]).toEqual([0, 2])
    expect(applied.of('warning').at(-1)).toMatchObject({ code: 'LOCK_LEFT' })
  })

  test('Ctrl-C while what still runs there is waited for: it is left alone, with the lock', async () => {
    const stop = new AbortController()
    once(`${folder}/a.ran`, () => fake.break('one', { unnoticed: true }))
    const applied = await applyTo(fake, ['one'], (at) => [made({ at, name: 'a', how: sh`sleep 300` }), made({ at, name: 'b' })], { signal: stop.signal }, (event) => {
      if (event.type !== 'warning' || event.code !== 'CONNECTION_LOST') return
      // The new shell waits for the old one's work.
      const waits = setInterval(() => {
        if (fake.connections('one') < 2) return
        clearInterval(waits)
        stop.abort()
      }, 5)
    })
    expect(applied.end.outcome).toBe('interrupted')
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', error: { code: 'OUTCOME_UNKNOWN', details: { cause: 'INTERRUPTED' } } })
    expect(applied.of('warning').at(-1)).toMatchObject({ code: 'LOCK_LEFT', message: expect.stringContaining('nobody knows what still runs') })
    expect([ran('a'), ran('b'), existsSync(lock())]).toEqual([1, 0, true])
  })

  test('an action behind one that is seen to be done may have run: it is unknown, and never runs again', async () => {
    cut('a', { unnoticed: true })
    const applied = await applyTo(fake, ['one'], (at) => [
      made({ at, name: 'a', how: sh`${waiting(at, 'a')}; echo done > ${`${at}/a`}` }),
      act({ command: sh`echo x >> ${`${at}/log`}`, touches: [`${at}/log`] }),
      made({ at, name: 'c' }),
    ])
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { changed: 1, unknown: 1, skipped: 1 } })
    expect([ran('a'), textOf(`${folder}/log`), ran('c')]).toEqual([1, undefined, 0])
  })

  test('lost in another try of an operation that may be tried again: that try is looked at, and is not one more', async () => {
    once(`${folder}/second`, () => {
      fake.break('one')
      go('a')
    })
    const how = (at: string): Command => sh`if [ -e ${`${at}/first`} ]; then touch ${`${at}/second`}; ${waiting(at, 'a')}; echo done > ${`${at}/a`}; else touch ${`${at}/first`}; exit 1; fi`
    const applied = await applyTo(fake, ['one'], (at) => [made({ at, name: 'a', how: how(at) }, { retries: 5, retryDelay: 0 })])
    expect(applied.hosts[0]).toMatchObject({ state: 'changed' })
    expect(ran('a')).toBe(2)
  })

  test('the journal ends each operation that began, and nothing of it counts as interrupted', async () => {
    const journal = mkdtempSync(join(tmpdir(), 'chaos-journal-'))
    try {
      cut('a')
      const applied = await applyTo(fake, ['one'], (at) => [made({ at, name: 'a', how: waiting(at, 'a') }), made({ at, name: 'b' })], { journal })
      for (const event of applied.of('operation.begin')) expect(applied.of('operation.end').filter(({ id }) => id === event.id)).toHaveLength(1)
      for (const event of applied.of('change.begin')) expect(applied.of('change.end').filter(({ id, change }) => id === event.id && change === event.change)).toHaveLength(1)
      expect(applied.of('operation.end').map(({ state }) => state)).toEqual(['unknown', 'skipped'])
      expect(await lastInterrupted(journal)).toEqual([])
    } finally {
      rmSync(journal, { recursive: true })
    }
  })
})

describe('a connection that is lost while nothing changes', () => {
  test('while the host is looked at: it is asked again on a new one', async () => {
    const applied = await applyTo(fake, ['one'], function* (at) {
      fake.breakAfter('one', 30)
      yield made({ at, name: 'a' })
    })
    expect(applied.hosts[0]).toMatchObject({ state: 'changed' })
    expect([ran('a'), fake.connections('one')]).toEqual([1, 2])
  })

  test('before the first change left: it leaves on a new one', async () => {
    const applied = await applyTo(fake, ['one'], (at) => [made({ at, name: 'a' })], {
      skipConfirm: false,
      confirm: async () => {
        fake.break('one')
        return true
      },
    })
    expect(applied.hosts[0]).toMatchObject({ state: 'changed' })
    expect([ran('a'), fake.connections('one')]).toEqual([1, 2])
  })

  test('while what changed is looked at again, and for good: what was done is told, and that nobody looked', async () => {
    let looks = 0
    const cut = defineOperation({
      name: 'test.cut',
      args: anything<{ at: string }>(),
      async diff({ at }, host) {
        // The first look is the plan's, the second one is after the change.
        if (++looks === 2) {
          fake.refuse('one')
          fake.break('one')
        }
        return (await host.fact(content(`${at}/a`))) === 'done\n' ? [] : [{ summary: 'make', do: [{ run: sh`echo done > ${`${at}/a`}` }] }]
      },
      touches: ({ at }) => [touch.path(`${at}/a`)],
    })
    const applied = await applyTo(fake, ['one'], (at) => [cut({ at })])
    expect(applied.hosts[0]).toMatchObject({ state: 'unreachable', operations: { changed: 1 }, error: { message: expect.stringContaining('refused the connection') } })
    expect(applied.of('operation.end')).toMatchObject([{ state: 'changed', reason: expect.stringContaining('not looked at again') }])
    expect(applied.of('warning').map(({ code }) => code)).toEqual(['LOCK_LEFT'])
    expect(applied.end.outcome).toBe('failed')
  })

  test('while the lock is given back: it is given back on a new one', async () => {
    const broken = defineOperation({
      name: 'test.broken', action: true, touches: () => [],
      args: anything<{ at: string }>(),
      diff: ({ at }) => [{ summary: 'run', do: [{ run: sh`echo x > ${`${at}/log`}` }] }],
    })
    // An action is not looked at again, so the lock is given back in an exchange of its own.
    const applied = await applyTo(fake, ['one'], (at) => [broken({ at })], {}, (event) => {
      if (event.type === 'operation.end') fake.break('one')
    })
    expect(applied.hosts[0]).toMatchObject({ state: 'changed' })
    expect([fake.connections('one'), existsSync(lock()), textOf(`${folder}/log`)]).toEqual([2, false, 'x\n'])
  })

  test('a host that lets us in and never says a word is given up, told as such, and nothing of it is left', async () => {
    const silent = join(mkdtempSync(join(tmpdir(), 'chaos-silent-')), 'silent')
    writeFileSync(silent, '#!/bin/dash\nexec /bin/sleep 300\n', { mode: 0o755 })
    const mute = fakeConnector({ shell: silent })
    try {
      const applied = await applyTo(mute, ['one'], (at) => [made({ at, name: 'a' })], { timeout: 0.3 })
      expect(applied.hosts[0]).toMatchObject({ state: 'unreachable', error: { code: 'HOST_TIMEOUT', hint: expect.stringContaining('login script') } })
      expect(mute.running('one')).toEqual([])
    } finally {
      await mute.close()
      rmSync(join(silent, '..'), { recursive: true })
    }
  })
})
