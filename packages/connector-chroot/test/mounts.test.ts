import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noSshd, startMachine } from '@chaos/testkit'
import type { Machine } from '@chaos/testkit'
import { sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { rolldown } from 'rolldown'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRoot, noBusybox, onMachine, openChroot, say } from './support.ts'

const reason = noSshd() ?? noBusybox()

/** Processes of the machine that have a mount at or below the root. */
const HAVE_MOUNTS = "cd /proc; grep -l ' /srv/root[ /]' [0-9]*/mountinfo 2>/dev/null || :"

describe.skipIf(reason !== undefined)(`chroot_bind${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Machine
  let base: Connection

  beforeEach(async () => {
    machine = await startMachine()
    // As where systemd is: what is mounted in a namespace is seen in all others, unless it is told not to.
    await machine.run(`mount --make-rshared /; ${makeRoot('/srv/root')}`)
    base = await onMachine(machine)
  })
  afterEach(async () => {
    await base?.close({ outcome: 'done' })
    await machine?.close()
  })

  const open = (binds: readonly string[], signal?: AbortSignal): Promise<Connection> => openChroot('srv/root', base, { chroot_bind: binds }, signal)
  const refusal = (binds: readonly string[]): Promise<unknown> => open(binds).then(async (connection) => connection.close({ outcome: 'done' }), (error: unknown) => error)

  it('mounts nothing by itself', async () => {
    const connection = await openChroot('srv/root', base)
    expect(await say(connection, 'ls -A /proc /dev')).toContain('ls: /proc: No such file or directory')
    await connection.close({ outcome: 'done' })
  })

  it('shows what it is told, with what is mounted below, and folders and files of other names', async () => {
    await machine.run('mkdir -p /srv/cache/deep; mount -t tmpfs tmpfs /srv/cache/deep; echo cached >/srv/cache/deep/file; echo "nameserver 192.0.2.1" >/etc/resolv.conf; echo hello >/srv/hello')
    const connection = await open(['proc', 'sys', 'dev', 'resolv.conf', '/srv/cache:/var/cache/new', '/srv/hello'])
    expect(await say(connection, 'cat /proc/self/comm; ls -d /sys/class; ls /dev/pts/ptmx; cat /etc/resolv.conf /var/cache/new/deep/file /srv/hello')).toBe(
      ['cat', '/sys/class', '/dev/pts/ptmx', 'nameserver 192.0.2.1', 'cached', 'hello'].join('\n'),
    )
    await connection.close({ outcome: 'done' })
  })

  it.each(['done', 'failed', 'aborted', 'dry'] as const)('shows them to nobody else, and none is left when a run ends as %s', async (outcome) => {
    const connection = await open(['proc', 'dev'])
    await say(connection, 'mount -t tmpfs tmpfs /srv; ls /proc/self')
    expect(await machine.run('grep -c /srv/root /proc/self/mountinfo || :')).toBe('0\n')
    expect(await machine.run(HAVE_MOUNTS)).not.toBe('')
    await connection.close({ outcome })
    expect(await machine.run(HAVE_MOUNTS)).toBe('')
    expect(await machine.run('ls -A /srv/root/proc /srv/root/srv /srv/root/dev; ls -d /proc/self /dev/zero')).toBe('/srv/root/dev:\nnull\n\n/srv/root/proc:\n\n/srv/root/srv:\n/dev/zero\n/proc/self\n')
  })

  it('has all its commands see the same mounts', async () => {
    const connection = await open(['proc'])
    await say(connection, 'mkdir /mnt; mount -t tmpfs tmpfs /mnt; echo one >/mnt/file')
    expect(await say(connection, 'cat /mnt/file')).toBe('one')
    await connection.close({ outcome: 'done' })
  })

  it('leaves the mounts of another run on the same root alone', async () => {
    const [first, second] = await Promise.all([open(['proc', 'dev']), open(['proc'])])
    await first.close({ outcome: 'done' })
    expect(await say(second, 'ls -d /proc/self')).toBe('/proc/self')
    await second.close({ outcome: 'failed' })
    expect(await machine.run(HAVE_MOUNTS)).toBe('')
  })

  it('leaves what was mounted there before', async () => {
    await machine.run('mkdir /srv/root/proc; mount -t proc proc /srv/root/proc')
    const connection = await open(['proc', 'dev'])
    expect(await say(connection, 'ls -d /proc/self /dev/zero')).toBe('/dev/zero\n/proc/self')
    await connection.close({ outcome: 'done' })
    expect(await machine.run('ls -d /srv/root/proc/self; grep -c /srv/root /proc/self/mountinfo')).toBe('/srv/root/proc/self\n1\n')
  })

  it('leaves none when one of them fails', async () => {
    expect(await refusal(['proc', '/srv/nowhere'])).toMatchObject({ code: 'CHROOT_BIND', message: expect.stringContaining('/srv/nowhere') })
    expect(await refusal(['proc', '/proc:/bin/busybox'])).toMatchObject({ code: 'CHROOT_MOUNT', message: expect.stringContaining('/bin/busybox') })
    expect(await machine.run(HAVE_MOUNTS)).toBe('')
  })

  it('leaves none when the opening is aborted', async () => {
    await machine.run('rm /srv/root/bin/sh; echo "#!/bin/busybox sh" >/srv/root/bin/sh; echo "sleep 1000" >>/srv/root/bin/sh; chmod +x /srv/root/bin/sh')
    const abort = new AbortController()
    const opening = open(['proc'], abort.signal)
    while ((await machine.run("ps ax | grep '[s]leep 1000' || :")) === '') continue
    expect(await machine.run(HAVE_MOUNTS)).not.toBe('')
    abort.abort(new Error('interrupted'))
    await expect(opening).rejects.toThrow('interrupted')
    expect(await machine.run(HAVE_MOUNTS)).toBe('')
    expect(await machine.run("ps ax | grep '[s]leep 1000' || :")).toBe('')
  })

  it('leaves none when chaos is killed; what runs inside has them until it ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chaos-hold-'))
    try {
      const bundle = await rolldown({ input: join(import.meta.dirname, 'hold.ts'), platform: 'node', resolve: { conditionNames: ['@chaos/source', 'node', 'import'] }, logLevel: 'silent' })
      await bundle.write({ dir: folder, format: 'esm', entryFileNames: 'hold.mjs' })
      await bundle.close()
      const chaos = spawn(process.execPath, [join(folder, 'hold.mjs'), ...machine.enter], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(chaos.stdout, 'data')
      expect((await machine.run(HAVE_MOUNTS)).trim().split('\n').length).toBeGreaterThan(1)
      chaos.kill('SIGKILL')
      await once(chaos, 'exit')
      // Its input has ended, so `cat` ends, and the holder with it; nothing else tells when.
      for (let left = 'some'; left !== ''; ) left = await machine.run(HAVE_MOUNTS)
      expect(await machine.run('grep -c /srv/root /proc/self/mountinfo || :')).toBe('0\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('refuses links that lead out of the root, and names them; nothing is mounted outside', async () => {
    await machine.run('mkdir /srv/elsewhere; ln -s /srv/elsewhere /srv/root/proc; mkdir -p /srv/root/run; ln -s ../../../run/stub /srv/root/etc/resolv.conf; rmdir /srv/root/srv; ln -s ../../.. /srv/root/srv')
    expect(await refusal(['proc'])).toMatchObject({ code: 'CHROOT_LINK', message: '/srv/root/proc is a link to /srv/elsewhere, which leads out of /srv/root; nothing is mounted there.' })
    expect(await refusal(['resolv.conf'])).toMatchObject({ code: 'CHROOT_LINK', message: expect.stringContaining('/srv/root/etc/resolv.conf is a link to ../../../run/stub') })
    expect(await refusal(['/etc:/srv/deep/inside'])).toMatchObject({ code: 'CHROOT_LINK', message: expect.stringContaining('/srv/root/srv is a link to ../../..') })
    expect(await refusal(['/etc:/../../srv/elsewhere'])).toMatchObject({ code: 'CHROOT_LINK' })
    expect(await machine.run('ls -A /srv/elsewhere; grep -c elsewhere /proc/self/mountinfo || :')).toBe('0\n')
  })

  it('follows links that stay inside', async () => {
    await machine.run('mkdir /srv/root/var; mkdir /srv/root/var/real; ln -s var/real /srv/root/proc')
    const connection = await open(['proc'])
    expect(await say(connection, 'ls -d /var/real/self')).toBe('/var/real/self')
    await connection.close({ outcome: 'done' })
  })

  it('says so when mounts of its own cannot be had', async () => {
    const weak: Connection = { ...base, spawn: (command, options) => base.spawn(sh`exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin -- /bin/sh -c ${command.text}`, options) }
    await expect(openChroot('srv/root', weak, { chroot_bind: ['proc'] })).rejects.toMatchObject({ code: 'CHROOT_MOUNT', message: expect.stringMatching(/unshare.*not permitted/) })
  })

  it('is over when the process that holds the mounts ends', async () => {
    const connection = await open(['proc'])
    await machine.run(`for each in $(${HAVE_MOUNTS}); do kill -9 "\${each%/mountinfo}"; done`)
    await expect.poll(() => say(connection, 'echo still here').catch((error: { code: string }) => error.code), { timeout: 20_000 }).toBe('CONNECTION_LOST')
    await connection.close({ outcome: 'failed' })
  })
})
