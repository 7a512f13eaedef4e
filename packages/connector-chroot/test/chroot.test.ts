import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { noSshd, startMachine, startSshd } from '@chaos/testkit'
import type { Machine } from '@chaos/testkit'
import { isConnector, script, sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import chroot from '../src/index.ts'
import { openSsh } from './over-ssh.ts'
import { makeRoot, noBusybox, onMachine, openChroot, openLocal, say } from './support.ts'

const reason = noSshd() ?? noBusybox()

describe.skipIf(reason !== undefined)(`a root${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Machine
  let base: Connection

  beforeAll(async () => {
    machine = await startMachine({ users: { ana: {}, bob: {} }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\nbob ALL=(ALL) ALL\n' })
    await machine.run(`${makeRoot('/srv/root')}\necho inside >/srv/root/etc/where; echo outside >/etc/where`)
    base = await onMachine(machine)
  })
  afterAll(async () => {
    await base?.close({ outcome: 'done' })
    await machine?.close()
  })

  const refusal = (argument: string, data = {}, on = base): Promise<unknown> =>
    openChroot(argument, on, data).then(async (connection) => connection.close({ outcome: 'done' }), (error: unknown) => error)

  async function inside<T>(use: (connection: Connection) => Promise<T>, data = {}, on = base): Promise<T> {
    const connection = await openChroot('srv/root', on, data)
    try {
      return await use(connection)
    } finally {
      await connection.close({ outcome: 'done' })
    }
  }

  /** What runs on the machine with this text in its arguments. */
  const running = (what: string): Promise<string> => machine.run(`ps ax -o args | grep '[${what[0]}]${what.slice(1)}' || :`)

  describe('its path', () => {
    it.each(['srv/root', '/srv/root', 'srv/root/', '/srv/../srv//root/.'])('may be written %s', async (argument) => {
      const connection = await openChroot(argument, base)
      expect(await say(connection, 'cat /etc/where; pwd')).toBe('inside\n/')
      await connection.close({ outcome: 'done' })
    })

    it('is needed', async () => {
      for (const argument of ['', '/', 'srv/..']) expect(await refusal(argument)).toMatchObject({ code: 'CONNECTOR_ARGUMENT', hint: expect.stringContaining('@chroot/mnt/target') })
      expect([isConnector(chroot), chroot.about?.endsWith('.')]).toEqual([true, true])
    })

    it('must be that of a folder', async () => {
      expect(await refusal('srv/nowhere')).toMatchObject({ code: 'CHROOT_MISSING', message: '/srv/nowhere does not exist.', details: { retry: false } })
      expect(await refusal('etc/passwd')).toMatchObject({ code: 'CHROOT_MISSING', message: '/etc/passwd is not a folder.' })
    })

    it('must not be that of a link, which may lead anywhere', async () => {
      await machine.run('ln -s /srv/root /srv/link; ln -s / /srv/all; mkdir -p /srv/folder; ln -s / /srv/folder/all')
      for (const argument of ['srv/link', 'srv/link/']) expect(await refusal(argument)).toMatchObject({ code: 'CHROOT_LINK', message: '/srv/link is a link to /srv/root.' })
      expect(await refusal('srv/all')).toMatchObject({ code: 'CHROOT_LINK', message: '/srv/all is a link to /.' })
      // Above it they are the machine's own affair.
      const connection = await openChroot('srv/folder/all/srv/root', base)
      expect(await say(connection, 'cat /etc/where')).toBe('inside')
      await connection.close({ outcome: 'done' })
    })

    it('may hold anything', async () => {
      const odd = "srv/it's $HOME `id` ☃ 😀"
      await machine.run(`mkdir -p "/srv/it's \\$HOME \\\`id\\\` ☃ 😀/bin"; cp /srv/root/bin/busybox "/srv/it's \\$HOME \\\`id\\\` ☃ 😀/bin/sh"`)
      const connection = await openChroot(odd, base, { chroot_bind: ['proc', 'dev'] })
      expect(await say(connection, 'echo $0; cd /proc/self && echo here')).toBe('/bin/sh\nhere')
      await connection.close({ outcome: 'done' })
    })
  })

  describe('its shell', () => {
    it('must be there', async () => {
      await machine.run('mkdir -p /srv/empty/bin')
      expect(await refusal('srv/empty')).toMatchObject({ code: 'CHROOT_SHELL', message: 'There is no /bin/sh in /srv/empty, so nothing can be run in it.' })
    })

    it('must be made for this processor', async () => {
      // The beginning of a program for a processor that nobody has had since 1990.
      await machine.run("mkdir -p /srv/foreign/bin; printf '\\177ELF\\1\\1\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2\\0\\144\\0\\1\\0\\0\\0' >/srv/foreign/bin/sh; chmod +x /srv/foreign/bin/sh")
      expect(await refusal('srv/foreign')).toMatchObject({ code: 'CHROOT_SHELL', message: expect.stringContaining('another kind of processor'), hint: expect.stringContaining('qemu-user-static') })
    })

    it('must have its loader', async () => {
      await machine.run('mkdir -p /srv/half/bin; cp /bin/dash /srv/half/bin/sh')
      expect(await refusal('srv/half')).toMatchObject({ code: 'CHROOT_SHELL', message: expect.stringMatching(/its loader or a library is missing/) })
    })

    it('must have a /dev/null that is none of its files', async () => {
      await machine.run('mkdir -p /srv/bare/bin; cp /srv/root/bin/busybox /srv/bare/bin/sh')
      expect(await refusal('srv/bare')).toMatchObject({ code: 'CHROOT_NULL', hint: expect.stringContaining('chroot_bind: [dev]') })
      expect(await refusal('srv/bare', { chroot_bind: ['dev'] })).toBeUndefined()
    })

    it('has an environment of its own, not that of the machine underneath', async () => {
      const env = { ...base, spawn: (command, options) => base.spawn(sh`OUTSIDE=yes HOME=/home/nobody PATH=$PATH:/srv/outside exec /bin/sh -c ${command.text}`, options) } satisfies Connection
      expect(await inside((connection) => say(connection, 'env | sort'), {}, env)).toBe(
        ['HOME=/root', 'LOGNAME=root', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'PWD=/', 'SHELL=/bin/sh', 'SHLVL=1', 'TERM=dumb', 'USER=root'].join('\n'),
      )
    })
  })

  describe('its mounts', () => {
    it.each(['proc:/x', 'etc', '/etc:relative', '/etc:/', '/a:/b:/c', ''])('are not written %s', async (each) => {
      expect(await refusal('srv/root', { chroot_bind: [each] })).toMatchObject({ message: expect.stringContaining('chroot_bind') })
    })
  })

  describe('who may enter', () => {
    it('is root', async () => {
      const ana = await onMachine(machine, 'ana')
      expect(await refusal('srv/root', {}, ana)).toMatchObject({
        code: 'CHROOT_ROOT',
        message: 'Only root can enter /srv/root, and chaos is ana there.',
        hint: expect.stringContaining('chroot_sudo: true'),
      })
      await ana.close({ outcome: 'done' })
    })

    it('is who may use sudo without a password, when that is allowed', async () => {
      const ana = await onMachine(machine, 'ana')
      expect(await inside((connection) => say(connection, 'id -un; cat /etc/where'), { chroot_sudo: true }, ana)).toBe('root\ninside')
      expect(await inside((connection) => say(connection, 'id -un; cat /etc/where'), { chroot_sudo: true })).toBe('root\ninside')
      await ana.close({ outcome: 'done' })
    })

    it('is not who needs a password for sudo', async () => {
      const bob = await onMachine(machine, 'bob')
      expect(await refusal('srv/root', { chroot_sudo: true }, bob)).toMatchObject({ code: 'CHROOT_ROOT', message: expect.stringContaining('a password is required') })
      await bob.close({ outcome: 'done' })
    })
  })

  describe('what runs inside', () => {
    const STUBBORN = "trap '' TERM HUP; (trap '' TERM; while :; do sleep 771; done) & (setsid sleep 772 & wait) & (sleep 773 &); echo ready; while :; do sleep 774; done"

    it.each([
      ['root', {}, undefined],
      ['root, with mounts', { chroot_bind: ['proc'] }, undefined],
      ['sudo, with mounts', { chroot_sudo: true, chroot_bind: ['proc'] }, 'ana'],
    ] as const)('ends with all it started when it is aborted, whatever it ignores and in whatever session (%s)', async (_, data, user) => {
      const on = await onMachine(machine, user)
      await inside(async (connection) => {
        const abort = new AbortController()
        const process = await connection.spawn(script(STUBBORN), { signal: abort.signal })
        await once(process.stdout, 'data')
        expect((await running('sleep 77')).trim().split('\n').length).toBeGreaterThan(3)
        abort.abort()
        expect((await process.exit).code).not.toBe(0)
        expect(await running('sleep 77')).toBe('')
        expect(await say(connection, 'cat /etc/where')).toBe('inside')
      }, data, on)
      await on.close({ outcome: 'done' })
    })

    it('ends with the connection, also what another user started on a terminal', async () => {
      const connection = await openChroot('srv/root', base)
      const process = await connection.spawn(sh`su ana -s /bin/sh -c 'echo ready; exec sleep 881'`, { terminal: true })
      await once(process.stdout, 'data')
      const other = await connection.spawn(script('(setsid sleep 882 & wait) & echo ready; wait'))
      await once(other.stdout, 'data')
      expect(await running('sleep 88')).not.toBe('')
      await connection.close({ outcome: 'aborted' })
      expect(await running('sleep 88')).toBe('')
    })

    it('may leave a daemon behind', async () => {
      await inside((connection) => say(connection, '(setsid sleep 991 >/dev/null 2>&1 </dev/null &)'))
      expect(await running('sleep 991')).toBe('sleep 991\n')
      await machine.run("kill $(ps ax -o pid,args | awk '$3 == 991 { print $1 }')")
    })

    it('keeps what it says on stderr', async () => {
      await inside(async (connection) => {
        const process = await connection.spawn(sh`echo first >&2; echo second >&2`)
        process.stdin.end()
        expect(await text(process.stderr)).toBe('first\nsecond\n')
      })
    })

    it('refuses a command that is too long', async () => {
      await inside((connection) => expect(connection.spawn(sh`: ${'x'.repeat(140_000)}`)).rejects.toMatchObject({ code: 'SPAWN_FAILED' }))
    })
  })

  describe('a tunnel', () => {
    it('goes as far as the machine underneath does, and to sockets inside, not outside', async () => {
      await machine.run('mkdir -p /srv/root/run /srv/root/var; ln -s /run /srv/root/var/run; ln -s ../run /srv/root/var/near; : >/srv/root/run/socket; : >/run/socket')
      const dialled: unknown[] = []
      const tunnels: Connection = {
        ...base,
        dial: (to) => {
          dialled.push(to)
          return Promise.reject(new Error('dialled'))
        },
      }
      await inside(async ({ dial }) => {
        await expect(dial!({ host: '192.0.2.1', port: 5432 })).rejects.toThrow('dialled')
        await expect(dial!({ path: '/run/socket' })).rejects.toThrow('dialled')
        await expect(dial!({ path: '/var/near/socket' })).rejects.toThrow('dialled')
        await expect(dial!({ path: '/var/run/socket' })).rejects.toMatchObject({ code: 'DIAL_FAILED', message: expect.stringContaining('/var/run/socket leads to /run/socket, which is not below /srv/root') })
        await expect(dial!({ path: '/run/../../../run/socket' })).rejects.toMatchObject({ code: 'DIAL_FAILED' })
      }, {}, tunnels)
      expect(dialled).toEqual([{ host: '192.0.2.1', port: 5432 }, { path: '/srv/root/run/socket' }, { path: '/srv/root/run/socket' }])
      expect(await inside(async ({ dial }) => dial)).toBeUndefined()
    })

    it('reaches a socket that is seen inside by a mount', async () => {
      const sshd = await startSshd()
      const here = await openLocal()
      const behind = await openSsh(sshd, 'root', here)
      await sshd.run(`mkdir /srv/sockets; ${makeRoot('/srv/root')}`)
      const [program = '', ...enter] = sshd.enter
      const server = spawn(program, [...enter, process.execPath, '-e', "require('net').createServer((each) => each.end('hello')).listen('/srv/sockets/one', () => console.log('ready'))"])
      try {
        await once(server.stdout, 'data')
        const connection = await openChroot('srv/root', behind, { chroot_bind: ['/srv/sockets:/run/sockets'] })
        expect(await text(await connection.dial!({ path: '/run/sockets/one' }))).toBe('hello')
        await connection.close({ outcome: 'done' })
      } finally {
        server.kill('SIGKILL')
        for (const each of [behind, here]) await each.close({ outcome: 'done' })
        await sshd.close()
      }
    })
  })
})
