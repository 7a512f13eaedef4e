import { existsSync } from 'node:fs'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { applyOver } from './apply.ts'

const reason = noSshd()
const SFTP = '/usr/lib/openssh/sftp-server'

describe.skipIf(reason !== undefined)(`logins of a run over ssh${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, () => {
  let sshd: Sshd

  beforeAll(async () => {
    const noisy = { shell: '/bin/bash', files: { '.bashrc': 'echo Welcome; echo err >&2\n' } }
    // Of this one the login shell's output comes in front of the protocol's, and breaks it.
    sshd = await startSshd({ users: { noisy, service: { shell: '/usr/sbin/nologin' } }, config: `Subsystem sftp ${SFTP}` })
  })
  afterAll(() => sshd?.close())

  const logins = (): number => sshd.log().split('Accepted publickey').length - 1

  it('a user who cannot log in is one clear error, not tried again', async () => {
    const before = logins()
    const { errors } = await applyOver(sshd, { user: 'service', files: [{ path: '/tmp/never', content: 'never' }] })
    const message = `The login on @ssh/web leads to no shell: it says 'This account is currently not available.' and ends with code 1.`
    expect(errors).toEqual([expect.objectContaining({ code: 'NO_SHELL', message })])
    expect(logins() - before).toBe(1)
    await vi.waitFor(async () => expect(await sshd.connections()).toBe(0), 20_000)
  })

  it.skipIf(!existsSync(SFTP))(`a login that prints keeps no file from arriving${existsSync(SFTP) ? '' : ` (no ${SFTP} here)`}`, async () => {
    const content = 'x'.repeat(50_000)
    const files = [{ path: '/home/noisy/large', content }, { path: '/home/noisy/small', content: 'small' }]
    expect((await applyOver(sshd, { user: 'noisy', files })).errors).toEqual([])
    expect(await sshd.run('wc -c </home/noisy/large; ls -A /home/noisy | grep -v "^[.][a-z_]*$"; find /home/noisy -name ".chaos*"; cat /home/noisy/small')).toBe('50000\nlarge\nsmall\nsmall')
    expect((await applyOver(sshd, { user: 'noisy', files })).operations).toEqual([])
  })

  it('to become who one is needs nothing, not even a password', async () => {
    const said = { user: 'noisy', data: { sudo_user: 'noisy' }, files: [{ path: '/home/noisy/own', content: 'own' }] }
    const { errors, asked } = await applyOver(sshd, said)
    expect([errors, asked, await sshd.run('stat -c %U /home/noisy/own; ls /var/log')]).toEqual([[], 0, expect.stringMatching(/^noisy\n(?![^]*sudo)/)])
  })

  it('leaves no process behind, and no file but those it was to write', async () => {
    await applyOver(sshd, { user: 'noisy', files: [{ path: '/home/noisy/last', content: 'x'.repeat(50_000) }] })
    expect(await sshd.run('ls -A /tmp /dev/shm /run/lock')).toBe('/dev/shm:\n\n/run/lock:\n\n/tmp:\n')
    // sshd's own takes its time to notice.
    await vi.waitFor(async () => expect(await sshd.run('ps -o args= -u noisy || :')).toBe(''), 20_000)
  })
})
