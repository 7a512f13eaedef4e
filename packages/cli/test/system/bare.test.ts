import { noDebian, startDebian } from '@chaos/testkit'
import type { Debian } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NOTHING, applySystem, outcomeOf } from './whole-systems.ts'

const reason = noDebian()

describe.skipIf(reason !== undefined)(`a bare Debian container, in which no systemd runs${reason === undefined ? '' : ` (${reason})`}`, { timeout: 600_000 }, () => {
  let machine: Debian
  beforeAll(async () => {
    machine = await startDebian()
  }, 600_000)
  afterAll(() => machine?.close())

  const host = () => machine.host

  test('gets packages, people whose group and sudo come with them, and files in one run, and the second run has nothing to do', async () => {
    const system = {
      groups: ['deploy'],
      packages: ['sudo', 'cron'],
      users: [{ name: 'ana', groups: ['deploy', 'crontab'], sudo: true }],
      files: [{ path: '/etc/cron.d/hello', content: '0 0 * * * root true\n', mode: '0644' }],
    }
    expect(outcomeOf(await applySystem({ packages: system.packages, users: system.users, groups: system.groups, files: system.files }, { host: host() }))).toMatchObject({ errors: [], state: 'changed' })
    expect(await machine.run('id -nG ana; stat -c "%a %U" /etc/sudoers.d/* /etc/cron.d/hello; visudo -c >/dev/null && echo valid')).toMatch(/^ana (crontab deploy|deploy crontab)\n[^]*440 root\n644 root\nvalid\n$/)
    const again = await applySystem({ packages: system.packages, users: system.users, groups: system.groups, files: system.files }, { host: host() })
    expect([outcomeOf(again), again.hosts[0]?.exchanges]).toEqual([NOTHING, 2])
  })

  test('is told in a sentence that no service can be started there', async () => {
    const { errors, hosts } = await applySystem({ services: [{ name: 'cron' }] }, { host: host() })
    expect([hosts[0]?.state, errors[0]?.message]).toEqual(['failed', expect.stringMatching(/no init system runs there/)])
  })
})
