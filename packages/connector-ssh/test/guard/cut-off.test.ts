import { sh } from '@chaos/core'
import { files } from '@chaos/operations'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getsIn, guarded, leftOf, plain, reload, risky } from './support.ts'

const reason = noSshd()
const CONFIG = '/etc/ssh/chaos_sshd_config'

describe.skipIf(reason !== undefined)(`changes that cut us off${reason === undefined ? '' : ` (${reason})`}`, () => {
  let sshd: Sshd

  beforeAll(async () => {
    const users = { ana: {}, needy: { password: 'of needy' }, keyed: { files: { '.ssh/authorized_keys': '' } }, other: {} }
    sshd = await startSshd({
      users,
      sudoers: '@includedir /etc/sudoers.d\n',
      config: 'Match User keyed\n  AuthorizedKeysFile .ssh/authorized_keys\n',
    })
    await sshd.run(`mkdir -p /etc/sudoers.d; chmod 755 /etc/sudoers.d
printf 'ana ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/ana; printf 'Defaults:needy timestamp_type=global\nneedy ALL=(ALL) ALL\n' >/etc/sudoers.d/needy; chmod 440 /etc/sudoers.d/*
cat /etc/ssh/chaos_authorized_keys >/home/keyed/.ssh/authorized_keys`)
  })
  afterAll(() => sshd?.close())

  for (const transport of ['ssh2', 'openssh'] as const) {
    it(`by ${transport}: sshd that lets only others in is taken back with its reload, the run fails, and we get in again`, async () => {
      const before = await sshd.run(`cat ${CONFIG}`)
      const steps = [
        files.put({ path: CONFIG, content: `AllowUsers other\n${before}` }),
        reload(),
        plain({ name: 'after', command: sh`touch /tmp/after` }),
      ]
      const { guard, end, errors, operations } = await guarded(sshd, { user: 'root', steps, transport })
      expect(guard.map(({ state }) => state)).toEqual(['armed', 'undone'])
      expect(errors[0]?.code).toBe('GUARD_UNDONE')
      expect(errors[0]?.message).toContain(`taken back there: ${CONFIG}, kill -HUP "$(cat /run/sshd.pid)". A new connection gets in again.`)
      expect(end).toMatchObject({ outcome: 'failed', hosts: { failed: 1 } })
      expect(operations).toEqual([`files.put ${CONFIG}: failed`, 'test.risky reload sshd: failed', 'test.plain after: skipped'])
      expect(await sshd.run(`cat ${CONFIG}; ls /tmp/after 2>/dev/null || :`)).toBe(before)
      expect(await getsIn(sshd, 'root')).toBe('test.plain look: changed')
      expect(await leftOf(sshd)).toBe('')
    })
  }

  it('a file that was confirmed is taken back with the restart of a later role that shows what it says', async () => {
    const before = await sshd.run(`cat ${CONFIG}`)
    const { guard, errors, operations } = await guarded(sshd, {
      user: 'root',
      steps: [files.put({ path: CONFIG, content: `AllowUsers other\n${before}` }), plain({ name: 'between', command: sh`true` })],
      later: [[reload()]],
    })
    expect(guard.map(({ state }) => state)).toEqual(['armed', 'confirmed', 'armed', 'undone'])
    expect(operations).toEqual([`files.put ${CONFIG}: failed`, 'test.plain between: changed', 'test.risky reload sshd: failed'])
    expect(errors.map(({ code }) => code)).toEqual(['GUARD_UNDONE', 'GUARD_UNDONE', 'GUARD_UNDONE'])
    expect(await sshd.run(`cat ${CONFIG}`)).toBe(before)
    expect(await getsIn(sshd, 'root')).toBe('test.plain look: changed')
    expect(await leftOf(sshd)).toBe('')
  })

  it('a sudo rule that is taken away from who connects is back', async () => {
    const { guard, errors } = await guarded(sshd, { user: 'ana', steps: [files.put({ path: '/etc/sudoers.d/ana', content: '# nobody\n' }, { sudo: true })] })
    expect(guard.map(({ state }) => state)).toEqual(['armed', 'undone'])
    expect(errors[0]?.message).toContain('sudo')
    expect(await sshd.run('cat /etc/sudoers.d/ana; stat -c "%a %U" /etc/sudoers.d/ana')).toBe('ana ALL=(ALL) NOPASSWD: ALL\n440 root\n')
    expect(await leftOf(sshd)).toBe('')
  })

  it('sudo that remembers a password for everywhere does not hide that it takes none any more, and nobody is asked again', async () => {
    const before = await sshd.run('cat /etc/pam.d/sudo')
    const steps = [files.put({ path: '/etc/pam.d/sudo', content: `auth requisite pam_deny.so\n${before}` }, { sudo: true })]
    const { guard, asked } = await guarded(sshd, { user: 'needy', password: 'of needy', steps })
    expect([guard.map(({ state }) => state), asked]).toEqual([['armed', 'undone'], 1])
    expect(await sshd.run('cat /etc/pam.d/sudo')).toBe(before)
  })

  it('sudo that comes to ask for a password, of which there is none, is taken back', async () => {
    const { guard, asked } = await guarded(sshd, { user: 'ana', password: 'never', steps: [files.put({ path: '/etc/sudoers.d/ana', content: 'ana ALL=(ALL) ALL\n' }, { sudo: true })] })
    expect([guard.map(({ state }) => state), asked]).toEqual([['armed', 'undone'], 0])
  })

  it('the authorized keys of who connects are back when they were emptied', async () => {
    const path = '/home/keyed/.ssh/authorized_keys'
    const before = await sshd.run(`cat ${path}`)
    const { guard, errors } = await guarded(sshd, { user: 'keyed', steps: [files.put({ path, content: '' })] })
    expect([guard.map(({ state }) => state), errors[0]?.code]).toEqual([['armed', 'undone'], 'GUARD_UNDONE'])
    expect(await sshd.run(`cat ${path}; stat -c %U ${path}`)).toBe(`${before}keyed\n`)
    expect(await getsIn(sshd, 'keyed')).toBe('test.plain look: changed')
    expect(await leftOf(sshd)).toBe('')
  })

  it('a login shell that lets nobody in is undone by the command of its operation', async () => {
    const steps = [risky({ name: 'shell', command: sh`usermod -s /usr/sbin/nologin ana`, undo: sh`usermod -s /bin/sh ana` }, { sudo: true })]
    const { guard, errors } = await guarded(sshd, { user: 'ana', steps })
    expect(guard.at(-1)).toMatchObject({ state: 'undone', taken: [{ kind: 'command', what: 'usermod -s /bin/sh ana', done: true }] })
    expect(errors[0]?.code).toBe('GUARD_UNDONE')
    expect(await sshd.run('getent passwd ana | cut -d: -f7')).toBe('/bin/sh\n')
    expect(await getsIn(sshd, 'ana')).toBe('test.plain look: changed')
  })

  it('a role remembers what was confirmed, and not what was taken back', async () => {
    const remembered = (): Promise<string> => sshd.run('cat /var/lib/chaos/state/role0.json 2>/dev/null || :')
    const before = await sshd.run(`cat ${CONFIG}`)
    const banner = files.put({ path: '/etc/ssh/banner', content: 'x\n' }, { remember: { id: 'banner' } })
    expect((await guarded(sshd, { user: 'root', steps: [banner] })).guard.map(({ state }) => state)).toEqual(['armed', 'confirmed'])
    expect(await remembered()).toBe('{"version":1,"items":{"banner":true}}\n')
    const steps = [files.put({ path: CONFIG, content: `AllowUsers other\n${before}` }, { remember: { id: 'config' } }), reload()]
    expect((await guarded(sshd, { user: 'root', steps })).guard.map(({ state }) => state)).toEqual(['armed', 'undone'])
    expect(await remembered()).toBe('{"version":1,"items":{"banner":true}}\n')
  })

  it('a change that is tried again is guarded each time, and ends the host when it shuts us out, though its failure was to be ignored', async () => {
    const command = sh`[ -e /tmp/once ] || { touch /tmp/once; exit 1; }; usermod -s /usr/sbin/nologin ana`
    const steps = [
      risky({ name: 'shell', command, undo: sh`usermod -s /bin/sh ana` }, { sudo: true, retries: 1, retryDelay: 0.1, ignoreErrors: true }),
      plain({ name: 'after', command: sh`touch /tmp/after` }, { sudo: true }),
    ]
    const { guard, operations, end } = await guarded(sshd, { user: 'ana', steps })
    expect(guard.map(({ state }) => state)).toEqual(['armed', 'confirmed', 'armed', 'undone'])
    expect([operations, end.outcome]).toEqual([['test.risky shell: failed', 'test.plain after: skipped'], 'failed'])
    expect(await sshd.run('getent passwd ana | cut -d: -f7; ls /tmp/after 2>/dev/null || :')).toBe('/bin/sh\n')
    expect(await leftOf(sshd)).toBe('')
  })

  it('what could not be taken back is said', async () => {
    const steps = [risky({ name: 'key', command: sh`mv /etc/ssh/chaos_authorized_keys /root/keys`, undo: sh`mv /root/keys /etc/ssh/chaos_authorized_keys; echo oh no >&2; exit 9` })]
    const { errors } = await guarded(sshd, { user: 'root', steps })
    expect(errors[0]?.message).toContain('NOT taken back: mv /root/keys')
    expect(errors[0]).toMatchObject({ details: { stderr: 'oh no' } })
  })
})
