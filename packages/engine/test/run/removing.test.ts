import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { defineOperation, defineRole, sh, touch } from '@chaos/core'
import type { Op, Removal } from '@chaos/core'
import { afterEach, describe, expect, it } from 'vitest'
import { protectedOf } from '../../src/run/protected.ts'
import { debian } from '../../../testkit/src/index.ts'
import { anything, applyRoles, applyTo, content, fakeConnector, note } from './support.ts'

const fakes: ReturnType<typeof fakeConnector>[] = []
afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.close()
})

function begin() {
  const fake = fakeConnector()
  fakes.push(fake)
  return fake
}

/** Takes away what it is told to, by touching a file. */
const take = defineOperation({
  name: 'test.take',
  args: anything<{ mark: string; removals: readonly Removal[] }>(),
  async diff({ mark, removals }, host) {
    return (await host.fact(content(mark))) === null ? [{ summary: 'take away', removes: removals, do: [{ run: sh`: > ${mark}` }] }] : []
  },
  touches: ({ mark }) => [touch.path(mark)],
})

const many = (count: number, of?: number): Removal[] => Array.from({ length: count }, (_, index) => ({ kind: 'package', name: `thing-${index}`, ...(of === undefined ? {} : { of }) }))

const errorsOf = (hosts: readonly { error?: { code: string } }[]): (string | undefined)[] => hosts.map(({ error }) => error?.code)

describe('what a change takes away', () => {
  it('is shown and counted by name, although one command takes it', async () => {
    const fake = begin()
    const { plan } = await applyTo(fake, ['a'], (folder) => [take({ mark: `${folder}/mark`, removals: many(3) })])
    expect(plan.changes.removals).toBe(3)
    expect(plan.hosts[0]?.roles[0]?.operations[0]?.changes[0]).toMatchObject({ removes: true, removed: many(3) })
  })

  it.each([
    { removals: many(10), refused: false },
    { removals: many(11), refused: true },
    { removals: many(2, 8), refused: false },
    { removals: many(3, 8), refused: true },
    { removals: many(1, 2), refused: false },
    { removals: many(2, 2), refused: true },
  ])('without a terminal goes up to ten, or a quarter of what is there, and always one ($removals.length of $removals.0.of)', async ({ removals, refused }) => {
    const fake = begin()
    const { hosts } = await applyTo(fake, ['a'], (folder) => [take({ mark: `${folder}/mark`, removals })])
    expect(errorsOf(hosts)).toEqual([refused ? 'TOO_MANY_REMOVALS' : undefined])
    expect(existsSync(`${fake.folder('a')}/mark`)).toBe(!refused)
  })

  it('goes beyond a quarter where a number of its own is allowed', async () => {
    const fake = begin()
    const { hosts } = await applyTo(fake, ['a'], (folder) => [take({ mark: `${folder}/mark`, removals: many(12, 12) })], { maxRemovals: 12 })
    expect(errorsOf(hosts)).toEqual([undefined])
  })

  it('is refused when it is what the host stands on, before anything changes, and nobody is asked', async () => {
    const fake = begin()
    const asked: unknown[] = []
    const { hosts } = await applyTo(
      fake,
      ['a'],
      (folder) => [note({ path: `${folder}/note`, text: 'x' }), take({ mark: `${folder}/mark`, removals: [{ kind: 'user', name: userInfo().username }] })],
      { maxRemovals: 100, confirmMore: async (question) => asked.push(question) > 0 },
    )
    expect(errorsOf(hosts)).toEqual(['PROTECTED'])
    expect([existsSync(`${fake.folder('a')}/note`), asked]).toEqual([false, []])
  })
})

describe('the protected set', () => {
  const protects = protectedOf({ ...debian, user: 'ana', groups: ['ana', 'staff'], home: '/home/ana' }, 'ben')

  it.each([
    ['user', 'root'], ['user', 'ana'], ['user', 'ben'], ['group', 'sudo'], ['group', 'staff'],
    ['package', 'openssh-server'], ['package', 'systemd'], ['package', 'linux-image-6.1.0-18-amd64'], ['package', 'linux'], ['package', 'apt'], ['package', 'ifupdown'], ['package', 'pacman'],
    ['service', 'ssh'], ['service', 'sshd.service'], ['service', 'ssh.socket'], ['service', 'NetworkManager'], ['service', 'systemd-logind'], ['service', 'getty@tty1'],
    ['path', '/'], ['path', '/etc/'], ['path', '//usr//lib'], ['path', '/etc/ssh/sshd_config'], ['path', '/home/ana'], ['path', '/home/ana/.ssh'],
  ])('holds the %s %s', (kind, name) => {
    expect(protects(kind, name)).toMatch(/\w/)
  })

  it.each([
    ['user', 'carla'], ['group', 'docker'], ['package', 'nginx'], ['package', 'linux-doc'], ['package', 'openssh-client'], ['package', 'systemd-container'], ['service', 'nginx'], ['service', 'sshguard'],
    ['path', '/srv/app'], ['path', '/home/ana/x'], ['path', '/etc/ssh/sshd_config.d/x.conf'], ['colour', 'root'],
  ])('leaves the %s %s alone', (kind, name) => {
    expect(protects(kind, name)).toBeUndefined()
  })
})

describe('what a role remembers', () => {
  it('is forgotten when somebody else has taken it away, so that it is not taken from whoever adds it next', async () => {
    const fake = begin()
    const path = `${fake.folder('a')}/note`
    const states: unknown[] = []
    const role = (text: string | null) =>
      defineRole(({ host }) => {
        states.push({ ...host.state().items })
        return [note({ path, text }, text === null ? { forget: 'note' } : { remember: { id: 'note' } })]
      })
    await applyRoles(fake, ['a'], { test: role('x') })
    await applyRoles(fake, ['a'], { test: role('x') })
    rmSync(path)
    const forgetting = await applyRoles(fake, ['a'], { test: role(null) })
    const after = await applyRoles(fake, ['a'], { test: role(null) })
    expect(states).toEqual([{}, { note: true }, { note: true }, {}])
    expect([forgetting.end.operations.changed, after.end.operations.changed]).toEqual([1, 0])
    expect(forgetting.of('operation.end')[0]?.changes[0]?.summary).toContain('forget it')
  })

  it('is all of it, when several operations of one frame remember, or one remembers several', async () => {
    const fake = begin()
    const folder = fake.folder('a')
    const states: unknown[] = []
    const role = (...ops: Op[]) =>
      defineRole(({ host }) => {
        states.push({ ...host.state().items })
        return ops
      })
    const first = await applyRoles(fake, ['a'], {
      test: role(
        note({ path: `${folder}/1`, text: 'x' }, { remember: { id: 'one' } }),
        note({ path: `${folder}/2`, text: 'x' }, { remember: [{ id: 'two', value: 2 }, { id: 'three' }] }),
        note({ path: `${folder}/3`, text: 'x' }, { remember: { id: 'four' } }),
      ),
    })
    expect(first.hosts[0]?.exchanges).toBe(4)
    await applyRoles(fake, ['a'], {
      test: role(note({ path: `${folder}/1`, text: null }, { forget: ['one', 'two'] }), note({ path: `${folder}/3`, text: null }, { forget: 'four' })),
    })
    await applyRoles(fake, ['a'], { test: role() })
    expect(states).toEqual([{}, { one: true, two: 2, three: true, four: true }, { three: true }])
  })
})

describe('a role', () => {
  it('tells what it leaves as it is, and that is no change', async () => {
    const fake = begin()
    const role = defineRole({ keys: {}, delta: () => ({ kept: ['ana: its shell was changed since'] }), plan: () => [] })
    const { plan, hosts } = await applyRoles(fake, ['a'], { test: role })
    expect(plan.hosts[0]?.roles[0]?.kept).toEqual(['ana: its shell was changed since'])
    expect([plan.changes.operations, hosts[0]?.state]).toEqual([0, 'ok'])
  })

  it('reaches root in the way the host has, and is root already where it is', async () => {
    const fake = begin()
    const seen: unknown[] = []
    const role = defineRole(async function* ({ host }) {
      seen.push(await host.as({ root: true }).fact(content('/proc/self/nothing')))
      yield note({ path: `${fake.folder('a')}/note`, text: 'x' }, { root: true })
    })
    const { plan } = await applyRoles(fake, ['a'], { test: role })
    expect(seen).toEqual([null])
    expect(plan.hosts[0]?.roles[0]?.operations[0]?.as).toBeUndefined()
  })
})

describe('an operation that follows what another makes', () => {
  const watch = defineOperation({
    name: 'test.watch',
    args: anything<{ path: string; mark: string }>(),
    async diff({ path, mark }, host) {
      const [have, seen] = await Promise.all([host.fact(content(path)), host.fact(content(mark))])
      return have === seen ? [] : [{ summary: 'restart', do: [{ run: sh`cp ${path} ${mark}` }] }]
    },
    touches: ({ mark }) => [touch.path(mark)],
    follows: ({ path }) => [touch.path(path)],
  })

  it('is known after apply while the other will act, runs once, and has nothing to do afterwards', async () => {
    const fake = begin()
    const folder = fake.folder('a')
    writeFileSync(`${folder}/conf`, 'old')
    writeFileSync(`${folder}/mark`, 'old')
    const steps = () => [note({ path: `${folder}/conf`, text: 'new' }), watch({ path: `${folder}/conf`, mark: `${folder}/mark` })]
    const first = await applyTo(fake, ['a'], steps)
    expect(first.plan.hosts[0]?.roles[0]?.operations.map(({ verdict, reason }) => [verdict, reason])).toEqual([['change', undefined], ['later', `after test.note ${folder}/conf`]])
    expect(first.end.operations).toMatchObject({ changed: 2, failed: 0 })
    const second = await applyTo(fake, ['a'], steps)
    expect(second.plan.hosts[0]?.roles[0]?.operations.map(({ verdict }) => verdict)).toEqual(['same', 'same'])
  })

  it('is warned of where the other comes after it, because only the next run would see that', async () => {
    const fake = begin()
    const folder = fake.folder('a')
    writeFileSync(`${folder}/conf`, 'old')
    writeFileSync(`${folder}/mark`, 'old')
    const roles = {
      services: defineRole(() => [watch({ path: `${folder}/conf`, mark: `${folder}/mark` })]),
      files: defineRole(() => [note({ path: `${folder}/conf`, text: 'new' })]),
    }
    const { of, end } = await applyRoles(fake, ['a'], roles)
    expect(of('warning')).toMatchObject([{ code: 'ORDER', hint: 'Put the keys of `files` above those of `services`.' }])
    expect(end.operations.changed).toBe(1)
    const after = await applyRoles(fake, ['a'], roles)
    expect([after.end.operations.changed, after.of('warning')]).toEqual([1, []])
  })
})
