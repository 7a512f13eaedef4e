import { sh } from '@chaos/core'
import { files } from '@chaos/operations'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guarded, leftOf, plain, reload, risky } from './support.ts'

const reason = noSshd()
const CONFIG = '/etc/ssh/chaos_sshd_config'

describe.skipIf(reason !== undefined)(`changes that let us in again${reason === undefined ? '' : ` (${reason})`}`, () => {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd({ users: { ana: {}, ask: { password: 'of ask' } }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\nask ALL=(ALL) ALL\n@includedir /etc/sudoers.d\n' })
    await sshd.run('mkdir -p /etc/sudoers.d')
  })
  afterAll(() => sshd?.close())

  for (const transport of ['ssh2', 'openssh'] as const) {
    it(`by ${transport}: they are confirmed over another login, kept, and nothing of the guard is left`, async () => {
      const before = await sshd.run(`cat ${CONFIG}`)
      const logins = (): number => sshd.log().split('Accepted publickey').length
      const had = logins()
      const { guard, end, operations } = await guarded(sshd, { user: 'root', transport, steps: [files.put({ path: CONFIG, content: `# by ${transport}\n${before}` }), reload()] })
      expect(guard.map(({ state }) => state)).toEqual(['armed', 'confirmed'])
      expect(guard[1]).toMatchObject({ changes: [`files.put ${CONFIG}`, 'test.risky reload sshd'] })
      expect([end.outcome, logins() - had, operations.toSorted()]).toEqual(['done', 2, [`files.put ${CONFIG}: changed`, 'test.risky reload sshd: changed']])
      expect(await sshd.run(`head -n 1 ${CONFIG}`)).toBe(`# by ${transport}\n`)
      expect(await leftOf(sshd)).toBe('')
    })
  }

  for (const [user, password] of [['ana', undefined], ['ask', 'of ask']] as const) {
    it(`sudo ${password === undefined ? 'without' : 'with'} a password is gone through once more, and it is asked for ${password === undefined ? 'never' : 'once'}`, async () => {
      const path = `/etc/sudoers.d/for-${user}`
      const given = password === undefined ? {} : { password }
      const { guard, asked, end } = await guarded(sshd, { user, ...given, steps: [files.put({ path, content: '# nothing\n', mode: '0440' }, { sudo: true })] })
      expect([guard.map(({ state }) => state), asked, end.outcome]).toEqual([['armed', 'confirmed'], password === undefined ? 0 : 1, 'done'])
      expect(await leftOf(sshd)).toBe('')
    })
  }

  it('a guarded frame takes one exchange more, any other run none', async () => {
    const exchanges = async (path: string, text: string, guard?: number): Promise<number | undefined> =>
      (await guarded(sshd, { user: 'root', ...(guard === undefined ? {} : { guard }), steps: [files.put({ path, content: text })] })).hosts[0]?.exchanges
    expect(await exchanges('/etc/motd', 'one\n')).toBe(4)
    expect(await exchanges('/etc/ssh/motd', 'one\n', 0)).toBe(4)
    expect(await exchanges('/etc/ssh/motd', 'two\n')).toBe(5)
    expect(await exchanges('/etc/ssh/motd', 'two\n')).toBe(2)
  })

  it('the plan says what may cut us off, and a dry run arms nothing', async () => {
    const { plan, guard } = await guarded(sshd, { user: 'root', dry: true, steps: [files.put({ path: '/etc/ssh/x', content: '' }), files.put({ path: '/etc/x', content: '' })] })
    expect(plan.hosts[0]?.roles[0]?.operations.map(({ changes }) => changes[0]?.risk)).toEqual(['access', undefined])
    expect(guard).toEqual([])
  })

  it('what follows runs after the confirmation only', async () => {
    const steps = [risky({ name: 'risk', command: sh`true` }), plain({ name: 'after', command: sh`ls /run/chaos/guard-*/1 >/tmp/seen` })]
    const { end } = await guarded(sshd, { user: 'root', steps })
    expect([end.outcome, (await sshd.run('cat /tmp/seen')).split('\n')]).toEqual(['done', expect.arrayContaining(['decided'])])
  })

  it('where nothing can be kept, nothing is changed', async () => {
    await sshd.run('mount -t tmpfs -o ro none /var/lib; mkdir -p /run/chaos; mount -t tmpfs -o ro none /run/chaos; touch /etc/ssh/old')
    const { errors, guard } = await guarded(sshd, { user: 'root', steps: [files.file({ path: '/etc/ssh/old', present: false })] })
    await sshd.run('umount /var/lib /run/chaos; rmdir /run/chaos; ls /etc/ssh/old')
    expect([errors[0]?.code, guard.map(({ state }) => state)]).toEqual(['GUARD_FAILED', ['armed']])
  })

  it('the first interrupt lets what has begun be confirmed, and nothing new begin', async () => {
    const interrupt = new AbortController()
    const work = guarded(sshd, {
      user: 'root', signal: interrupt.signal,
      steps: [risky({ name: 'risk', command: sh`touch /tmp/begun; while [ ! -e /tmp/go ]; do sleep 0.05; done; touch /tmp/ended` }), plain({ name: 'after', command: sh`touch /tmp/after` })],
    })
    await sshd.run('while [ ! -e /tmp/begun ]; do sleep 0.02; done')
    interrupt.abort()
    await sshd.run('touch /tmp/go')
    const { guard, end, operations } = await work
    expect([guard.map(({ state }) => state), end.outcome]).toEqual([['armed', 'confirmed'], 'interrupted'])
    expect(operations).toEqual(['test.risky risk: changed', 'test.plain after: skipped'])
    expect(await sshd.run('ls /tmp/ended; ls /tmp/after 2>/dev/null || :')).toBe('/tmp/ended\n')
    expect(await leftOf(sshd)).toBe('')
  })

  it('a change that takes longer than the guard is not taken back while it runs', async () => {
    const { guard, end } = await guarded(sshd, { user: 'root', guard: 20, steps: [risky({ name: 'long', command: sh`sleep 21`, undo: sh`touch /tmp/undone` })] })
    expect([guard.map(({ state }) => state), end.outcome]).toEqual([['armed', 'confirmed'], 'done'])
    expect(await sshd.run('ls /tmp/undone 2>/dev/null || :')).toBe('')
  })
})
