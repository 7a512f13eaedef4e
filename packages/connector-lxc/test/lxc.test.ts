import { once } from 'node:events'
import { connectorRunSuite, connectorSuite, pluginContext, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { defineConnector, script, sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import ssh from '../../connector-ssh/src/index.ts'
import { files } from '../../operations/src/index.ts'
import lxc from '../src/index.ts'
import { makeContainer, noLxc, onMachine, openLocal, openLxc, PATH, say, stateOf, tidy, unique, withBase } from './support.ts'

const reason = noLxc()

describe.skipIf(reason !== undefined)(`@lxc${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Sshd
  let base: Connection
  const web = unique('web')
  const idle = unique('idle')

  beforeAll(async () => {
    machine = await startSshd({ users: { ana: {} }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\n' })
    await makeContainer(machine, web)
    await makeContainer(machine, idle)
    await machine.run(`lxc-start -P ${PATH} -n ${web}`)
    base = await onMachine(machine)
  })
  afterAll(async () => {
    await base?.close({ outcome: 'done' })
    await tidy(machine)
  })

  const open = async (name: string, data = {}): Promise<Connection> => openLxc(name, base, data)
  const refusal = (name: string, data = {}, on = base): Promise<unknown> =>
    openLxc(name, on, data).then(async (connection) => connection.close({ outcome: 'done' }), (error: unknown) => error)

  async function onSsh(user: string, data = {}): Promise<Connection> {
    const settings = { ssh_hostname: machine.host, ssh_port: machine.port, ssh_user: user, ssh_key: machine.key, ssh_known_hosts_file: machine.knownHosts, ssh_config_file: '/dev/null' }
    const checked = (await ssh.data!['~standard'].validate(settings)) as { value: Record<string, unknown> }
    const here = await openLocal()
    const below = await ssh.open!({ host: 'machine', argument: machine.host, data: checked.value, below: [] }, { ...pluginContext(), base: here })
    return withBase(await openLxc(web, below, data), below, here)
  }

  connectorSuite({ name: '@lxc/web', open: () => open(web), terminal: true, describe, it })
  connectorSuite({ name: '@ssh/@lxc', open: () => onSsh('root'), terminal: true, describe, it })
  connectorSuite({ name: '@ssh/@lxc by sudo', open: () => onSsh('ana', { lxc_sudo: true }), terminal: true, describe, it })

  describe('a container', () => {
    it('that was running stays running', async () => {
      const connection = await open(web)
      await connection.close({ outcome: 'failed' })
      expect(await stateOf(machine, web)).toBe('RUNNING')
    })

    it.each(['done', 'failed', 'aborted', 'dry'] as const)('that was stopped is started, and stopped again when the run ends as %s', async (outcome) => {
      const connection = await open(idle)
      expect(await stateOf(machine, idle)).toBe('RUNNING')
      await connection.close({ outcome })
      expect(await stateOf(machine, idle)).toBe('STOPPED')
    })

    it('that was stopped stays running with lxc_keep_running', async () => {
      const connection = await open(idle, { lxc_keep_running: true })
      await connection.close({ outcome: 'done' })
      expect(await stateOf(machine, idle)).toBe('RUNNING')
      await machine.run(`lxc-stop -k -P ${PATH} -n ${idle}`)
    })

    it('that was started, and whose connection was lost, is stopped by the next one of the run', async () => {
      const context = pluginContext()
      let broken = false
      const breakable: Connection = { ...base, spawn: (command, options) => (broken ? Promise.reject(new Error('out of reach')) : base.spawn(command, options)) }
      const first = await openLxc(idle, breakable, {}, context)
      broken = true
      await expect(first.close({ outcome: 'failed' })).rejects.toMatchObject({ code: 'LXC_LEFT', message: expect.stringContaining('out of reach'), hint: expect.stringContaining('lxc-stop') })
      const second = await openLxc(idle, base, {}, context)
      await second.close({ outcome: 'done' })
      expect(await stateOf(machine, idle)).toBe('STOPPED')
    })

    it('must be there; the others are listed', async () => {
      const error = (await refusal('nowhere')) as { message: string }
      expect(error).toMatchObject({ code: 'LXC_MISSING', details: { retry: false } })
      // Running ones of another test are seen too: LXC finds them by sockets that have names, but no place.
      expect(error.message).toMatch(new RegExp(`^There is no container called nowhere\\. There are .*${idle}.*${web}.*\\.$`))
      expect(await refusal('nowhere', { lxc_path: '/srv' })).toMatchObject({ code: 'LXC_MISSING', message: expect.stringContaining('There are none that chaos can see.') })
    })

    it('needs a name', async () => {
      expect(await refusal('')).toMatchObject({ code: 'CONNECTOR_ARGUMENT', hint: expect.stringContaining('@lxc/NAME') })
      expect(await refusal('../etc')).toMatchObject({ code: 'CONNECTOR_ARGUMENT' })
      expect(lxc.about).toMatch(/\.$/)
    })

    it('must not be frozen', async () => {
      await machine.run(`lxc-freeze -P ${PATH} -n ${web}`)
      expect(await refusal(web)).toMatchObject({ code: 'LXC_PAUSED', message: expect.stringContaining('is frozen') })
      await machine.run(`lxc-unfreeze -P ${PATH} -n ${web}`)
    })

    it('must have a shell; one that was started for it is stopped again', async () => {
      const bare = unique('bare')
      await makeContainer(machine, bare)
      await machine.run(`rm ${PATH}/${bare}/rootfs/bin/sh`)
      expect(await refusal(bare)).toMatchObject({ code: 'LXC_SHELL', message: expect.stringMatching(/No such file/) })
      expect(await stateOf(machine, bare)).toBe('STOPPED')
      await machine.run(`rm -r ${PATH}/${bare}`)
    })

    it('that cannot be started says so', async () => {
      const broken = unique('broken')
      await makeContainer(machine, broken)
      await machine.run(`echo 'lxc.init.cmd = /nowhere' >>${PATH}/${broken}/config; rm -r ${PATH}/${broken}/rootfs`)
      expect(await refusal(broken)).toMatchObject({ code: 'LXC_START', message: expect.stringContaining(`The container ${broken} could not be started`) })
      await machine.run(`rm -r ${PATH}/${broken}`)
    })

    it('is used by root, or by sudo', async () => {
      const ana = await onMachine(machine, 'ana')
      await machine.run(`chmod 711 ${PATH}`)
      expect(await refusal(web, {}, ana)).toMatchObject({ code: expect.stringMatching(/^LXC_(MISSING|FAILED)$/), hint: expect.stringContaining('lxc_sudo') })
      const connection = await openLxc(web, ana, { lxc_sudo: true })
      expect(await say(connection, 'id -u; hostname')).toBe(`0\n${web}`)
      await connection.close({ outcome: 'done' })
      await machine.run(`chmod 755 ${PATH}`)
      await ana.close({ outcome: 'done' })
    })

    it('without the programs of LXC is an error that says so', async () => {
      const without: Connection = { ...base, spawn: (command, options) => base.spawn(sh`PATH=/nowhere; ${command}`, options) }
      expect(await refusal(web, {}, without)).toMatchObject({ code: 'LXC_FAILED', message: expect.stringContaining('no programs of LXC') })
    })
  })

  connectorRunSuite({
    name: '@lxc/web',
    host: () => ({ name: `@lxc/${web}`, data: { lxc_path: PATH } }),
    connectors: { lxc, local: defineConnector({ open: () => onMachine(machine) }) },
    look: (script) => machine.run(sh`lxc-attach -P ${PATH} -n ${web} --clear-env -- /bin/sh -c ${script}`.text),
    owned: 1000,
    files,
    describe,
    it,
  })

  describe('what runs inside', () => {
    const inside = (what: string): Promise<string> => machine.run(`lxc-attach -P ${PATH} -n ${web} --clear-env -- ps -o args | grep '[${what[0]}]${what.slice(1)}' || :`)

    it('ends with all it started when it is aborted, whatever it ignores and in whatever session', async () => {
      const connection = await open(web)
      const abort = new AbortController()
      const stubborn = "trap '' TERM HUP; (trap '' TERM; while :; do sleep 771; done) & (setsid sleep 772 & wait) & (sleep 773 &); echo ready; while :; do sleep 774; done"
      const process = await connection.spawn(script(stubborn), { signal: abort.signal })
      await once(process.stdout, 'data')
      await expect.poll(async () => (await inside('sleep 77')).trim().split('\n').length, { timeout: 20_000 }).toBeGreaterThan(3)
      abort.abort()
      expect((await process.exit).code).not.toBe(0)
      // The container's own table: its main process is all there is.
      expect(await machine.run(`lxc-attach -P ${PATH} -n ${web} --clear-env -- ps -o args | grep -v -e '^COMMAND' -e '^ps' -e '^{ps}'`)).toBe('{init} /bin/ash /init\nsleep 86400\n')
      expect(await say(connection, 'echo still here')).toBe('still here')
      await connection.close({ outcome: 'aborted' })
    })

    it('ends with the connection, also what another user started on a terminal', async () => {
      const connection = await open(web)
      const process = await connection.spawn(sh`su ana -s /bin/sh -c 'echo ready; exec sleep 881'`, { terminal: true })
      await once(process.stdout, 'data')
      expect(await inside('sleep 881')).not.toBe('')
      await connection.close({ outcome: 'aborted' })
      expect(await inside('sleep 881')).toBe('')
    })

    it('may leave a daemon behind', async () => {
      const connection = await open(web)
      await say(connection, '(setsid sh -c "echo \\$\\$ >/tmp/pid; exec sleep 991" >/dev/null 2>&1 </dev/null &)')
      await connection.close({ outcome: 'done' })
      await expect.poll(() => inside('sleep 991'), { timeout: 20_000 }).toBe('sleep 991\n')
      await machine.run(`lxc-attach -P ${PATH} -n ${web} -- /bin/sh -c 'kill $(cat /tmp/pid)'`)
    })

    it('has an environment of its own', async () => {
      const connection = await open(web)
      expect(await say(connection, 'env | sort')).toBe(
        ['HOME=/root', 'LOGNAME=root', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'PWD=/', 'SHELL=/bin/sh', 'SHLVL=2', 'USER=root', 'container=lxc'].join('\n'),
      )
      await connection.close({ outcome: 'done' })
    })

    it('refuses a command that is too long', async () => {
      const connection = await open(web)
      await expect(connection.spawn(sh`: ${'x'.repeat(140_000)}`)).rejects.toMatchObject({ code: 'SPAWN_FAILED' })
      await connection.close({ outcome: 'done' })
    })

    it('is over when the container stops, which is not started again in this run', async () => {
      const context = pluginContext()
      const connection = await openLxc(idle, base, {}, context)
      const process = await connection.spawn(sh`echo ready; sleep 1000`)
      await once(process.stdout, 'data')
      await machine.run(`lxc-stop -k -P ${PATH} -n ${idle}`)
      await expect(process.exit).rejects.toMatchObject({ code: 'LXC_ENDED', message: expect.stringContaining(`The container ${idle} has stopped`) })
      await expect(connection.spawn(sh`:`)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
      await connection.close({ outcome: 'failed' })
      await expect(openLxc(idle, base, {}, context)).rejects.toMatchObject({ code: 'LXC_ENDED' })
      expect(await stateOf(machine, idle)).toBe('STOPPED')
    })
  })
})
