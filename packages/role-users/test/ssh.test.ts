import { applyWith, startSshd } from '@chaos/testkit'
import type { Applied, Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import local from '../../connector-local/src/index.ts'
import ssh from '../../connector-ssh/src/index.ts'
import role from '../src/index.ts'
import { because, KEY, reason, summaries } from './support.ts'

describe.skipIf(reason !== undefined)(`the role users over ssh, as somebody who may use sudo${because}`, { timeout: 240_000 }, () => {
  let sshd: Sshd
  beforeAll(async () => {
    sshd = await startSshd({ users: { ana: {}, guest: {} }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\n@includedir /etc/sudoers.d\n' })
  })
  afterAll(() => sshd?.close())

  const apply = (desired: Record<string, unknown>, { user = 'ana', dry = false } = {}): Promise<Applied> => {
    const { host, port, key, knownHosts } = sshd
    const data = { ssh_hostname: host, ssh_port: port, ssh_user: user, ssh_key: key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null' }
    return applyWith({ hosts: [{ name: 'machine', data }], roles: { users: role }, desired, load: async (_, name) => (name === 'ssh' ? ssh : local), dry, maxRemovals: 100 })
  }

  test('all of it is made as root, and is then so in 2 exchanges', async () => {
    const desired = { hostname: 'reached', groups: ['pier'], users: [{ name: 'ben', shell: 'sh', groups: ['pier'], keys: [KEY.laptop], sudo: { nopasswd: true } }] }
    const first = await apply(desired)
    expect(first.errors).toEqual([])
    expect(await sshd.run('hostname; id -Gn ben; cat ~ben/.ssh/authorized_keys; cat /etc/sudoers.d/chaos-ben')).toBe(`reached\nben pier\n${KEY.laptop}\nben ALL=(ALL:ALL) NOPASSWD: ALL\n`)
    const again = await apply(desired)
    expect([again.errors, summaries(again), again.hosts[0]?.exchanges]).toEqual([[], [], 2])
  })

  test('who is connected is refused to go, and left out of what is exclusive', async () => {
    const refused = await apply({ users: [{ name: 'ana', state: 'absent' }] })
    expect(refused.errors[0]).toMatchObject({ code: 'PROTECTED', message: expect.stringContaining('it is who is connected') })
    const { plan, errors } = await apply({ users: { list: [{ name: 'guest' }], exclusive: true } }, { dry: true })
    const gone = plan.hosts[0]?.roles[0]?.operations.flatMap(({ changes }) => changes.flatMap(({ removed = [] }) => removed)).filter(({ kind }) => kind === 'user').map(({ name }) => name)
    expect([errors, gone?.includes('ben'), gone?.includes('ana'), gone?.includes('guest')]).toEqual([[], true, false, false])
  })

  test('a change of who is connected that lets them in no more is taken back, one that does is kept', async () => {
    const cut = await apply({ users: [{ name: 'ana', shell: '/usr/sbin/nologin' }] })
    expect(cut.errors[0]?.code).toBe('GUARD_UNDONE')
    expect(await sshd.run('getent passwd ana | cut -d: -f7')).toBe('/bin/sh\n')
    const kept = await apply({ users: [{ name: 'ana', shell: '/bin/bash', comment: 'Ana' }] })
    expect(kept.errors).toEqual([])
    expect(await sshd.run('getent passwd ana | cut -d: -f5,7')).toBe('Ana:/bin/bash\n')
  })

  test('who may not become root is told so, and nothing is changed', async () => {
    const before = await sshd.run('cat /etc/passwd /etc/group')
    const { hosts, errors } = await apply({ users: [{ name: 'cleo' }] }, { user: 'guest' })
    expect([hosts[0]?.state, errors.length > 0]).toEqual(['failed', true])
    expect(await sshd.run('cat /etc/passwd /etc/group')).toBe(before)
  })
})
