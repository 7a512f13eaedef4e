import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyOver } from './apply.ts'
import type { Over } from './apply.ts'

const missing = ['sudo', 'busybox'].filter((program) => !existsSync(`/usr/bin/${program}`))
const reason = noSshd() ?? (missing.length > 0 ? `needs ${missing.join(', ')}` : undefined)
const SIZES = { large: 300 * 1024 * 1024, medium: 9_000_001 } as const

/** Who writes, and how it travels. */
const WAYS: readonly (readonly [string, Omit<Over, 'files'>, keyof typeof SIZES])[] = [
  ['root', { user: 'root' }, 'medium'],
  ['root, through the shell', { user: 'root', data: { ssh_file_transfer_protocol: 'shell' } }, 'medium'],
  ['a user with sudo', { user: 'ada', data: { sudo: true } }, 'large'],
  ['a user with sudo and a password', { user: 'bob', data: { sudo: true }, password: () => 'of bob' }, 'medium'],
]

describe.skipIf(reason !== undefined)(`files of a run over ssh${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, () => {
  let sshd: Sshd
  const directory = mkdtempSync(path.join(tmpdir(), 'chaos-ssh-files-'))
  const sums: Record<string, string> = {}

  beforeAll(async () => {
    sshd = await startSshd({ users: { ada: {}, bob: { password: 'of bob' } }, sudoers: 'ada ALL=(ALL) NOPASSWD: ALL\nbob ALL=(ALL) ALL\n' })
    await sshd.run(`set -e; mkdir -m 700 /srv/private; mkdir /srv/full /srv/tiny; mount -o remount,noexec /tmp
mount -t tmpfs -o size=256k tmpfs /srv/full; mount -t tmpfs -o size=4k tmpfs /srv/tiny`)
    for (const [name, size] of Object.entries(SIZES)) {
      const file = openSync(path.join(directory, name), 'w')
      // Not all of a kind, so that a piece at the wrong place is noticed.
      for (let at = 0; at < size - 20; at += 700_001) writeSync(file, `at ${at}`, at)
      closeSync(file)
      truncateSync(path.join(directory, name), size)
      sums[name] = createHash('sha256').update(readFileSync(path.join(directory, name))).digest('hex')
    }
    writeFileSync(path.join(directory, 'empty'), '')
  })
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true })
    await sshd?.close()
  })

  it.each(WAYS)('%s brings nothing, little and much into a directory that only root may write to', async (_, way, source) => {
    const files = [
      { path: '/srv/private/sub', mode: '0700' },
      { path: '/srv/private/sub/empty', source: 'empty' },
      { path: '/srv/private/sub/small', content: 'small\n', mode: '0640' },
      { path: '/srv/private/sub/large', source, mode: '0600' },
    ]
    const first = await applyOver(sshd, { ...way, files, directory })
    expect([first.errors, first.operations.length]).toEqual([[], 4])
    expect(await sshd.run('cd /srv/private/sub; stat -c "%U %a %s %n" *; sha256sum <large; ls -A | wc -l')).toBe(
      `root 644 0 empty\nroot 600 ${SIZES[source]} large\nroot 640 6 small\n${sums[source]}  -\n3\n`,
    )
    const second = await applyOver(sshd, { ...way, files, directory })
    expect([second.errors, second.operations]).toEqual([[], []])
    await sshd.run('rm -r /srv/private/sub')
  })

  it.each(WAYS)('%s is told that a disk is full, and where; what was there stays, and nothing is left', async (_, way) => {
    await sshd.run('rm -rf /srv/full/* /srv/tiny/*; echo old >/srv/full/large; echo old >/srv/tiny/small')
    for (const file of [{ path: '/srv/full/large', source: 'medium' }, { path: '/srv/tiny/small', content: 'x'.repeat(5000) }]) {
      const { errors } = await applyOver(sshd, { ...way, files: [file], directory })
      // The operation's, and the host's that ends with it.
      expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual(Array(2).fill(`DISK_FULL files.put ${file.path} on @ssh/web: the disk is full.`))
    }
    expect(await sshd.run('ls -A /srv/full /srv/tiny; cat /srv/full/large /srv/tiny/small')).toBe('/srv/full:\nlarge\n\n/srv/tiny:\nsmall\nold\nold\n')
  })

  it.each(WAYS)('%s needs no /tmp where programs may run', async (_, way) => {
    const files = [{ path: '/srv/private/one', content: 'one\n' }]
    expect((await applyOver(sshd, { ...way, files })).errors).toEqual([])
    expect(await sshd.run('cat /srv/private/one; rm /srv/private/one; grep -c "/tmp tmpfs.*noexec" /proc/mounts')).toBe('one\n1\n')
  })

  it('root asks for no sudo, whatever the host says', async () => {
    await sshd.run('rm -f /var/log/sudo.log')
    const applied = await applyOver(sshd, { user: 'root', data: { sudo: true }, files: [{ path: '/srv/private/two', content: 'two\n', sudo: true }] })
    expect([applied.errors, applied.asked, await sshd.run('cat /srv/private/two; ls /var/log')]).toEqual([[], 0, expect.not.stringContaining('sudo.log')])
  })

  it('a password is asked for once in a run, and a wrong one is tried once', async () => {
    const files = ['a', 'b', 'c'].map((name) => ({ path: `/srv/private/${name}`, content: name }))
    const right = await applyOver(sshd, { user: 'bob', data: { sudo: true }, password: () => 'of bob', files })
    expect([right.errors, right.asked]).toEqual([[], 1])
    await sshd.run('busybox syslogd -O /var/log/auth.log; until [ -e /dev/log ]; do sleep 0.01; done')
    const wrong = await applyOver(sshd, { user: 'bob', data: { sudo: true }, password: () => 'canary', files: files.map((file) => ({ ...file, content: 'x' })) })
    expect([wrong.errors.map(({ message }) => message), wrong.asked]).toEqual([['The password for sudo on @ssh/web is wrong.'], 1])
    expect((await sshd.run('cat /var/log/auth.log')).match(/authentication failure/g)).toHaveLength(1)
    expect(await sshd.run('cat /srv/private/[abc]; rm /srv/private/[abc]')).toBe('abc')
  })
})
