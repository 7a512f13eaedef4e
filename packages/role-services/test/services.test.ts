import { secret } from '@chaos/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { because, FIRST, reason, startSystemd, summaries, unitText } from './support.ts'
import type { OnSystemd } from './support.ts'

describe.skipIf(reason)(`the role services${because}`, { timeout: 240_000 }, () => {
  let on: OnSystemd
  beforeAll(async () => {
    on = await startSystemd()
  }, FIRST)
  beforeEach(() => on.reset())
  afterAll(() => on?.debian.close())

  test('a name alone runs now and with the machine, many are one command of a kind, and a second run takes 2 exchanges', async () => {
    expect(await on.make({ services: ['one', { name: 'two' }, { name: 'three.service', running: true, on_boot: true, dense_service: false }] }))
      .toEqual(['one.service two.service three.service: enable one.service, two.service, three.service', 'one.service two.service three.service: start one.service, two.service, three.service'])
    expect([await on.is('active', 'one', 'two', 'three'), await on.is('enabled', 'one', 'two', 'three')]).toEqual(['active active active', 'enabled enabled enabled'])
  })

  test('on_boot: false is compared, and not made again at each run', async () => {
    await on.debian.run('systemctl enable one')
    expect(await on.make({ services: [{ name: 'one', on_boot: false }] })).toEqual(['one.service: disable', 'one.service: start'])
    expect([await on.is('active', 'one'), await on.is('enabled', 'one')]).toEqual(['active', 'disabled'])
  })

  test('an enabled service that was stopped is started', async () => {
    await on.debian.run('systemctl enable one')
    expect(await on.make({ services: ['one'] })).toEqual(['one.service: start'])
  })

  test('running: false stops a service that is enabled, and leaves it enabled', async () => {
    await on.debian.run('systemctl enable --now one')
    expect(await on.make({ services: [{ name: 'one', running: false }] })).toEqual(['one.service: stop'])
    expect([await on.is('active', 'one'), await on.is('enabled', 'one')]).toEqual(['inactive', 'enabled'])
  })

  test('dense_service stands for every unit whose name begins so', async () => {
    expect(await on.make({ services: [{ name: 'blue', dense_service: true, running: false, on_boot: true }, 'blue-b'] }))
      .toEqual(['blue-a.service: enable', 'blue-b.service: enable', 'blue-b.service: start'])
    expect(await on.make({ services: [{ name: 'nothing-begins-so', dense_service: true }, { name: 'blue', dense_service: true }] })).toEqual(['blue-a.service: start'])
  })

  test('a service is restarted once when three of its files changed, by the files role of the same run, and then no more', async () => {
    const system = (content: string) => ({
      files: ['a', 'b', 'c'].map((name) => ({ path: `/srv/${name}`, content })),
      services: [{ name: 'one', restart_on: ['/srv/a', '/srv/b', '/srv/c'] }, { name: 'two', reload_on: ['/srv'] }],
    })
    await on.make(system('x'))
    await on.debian.run('rm -f /run/*.log')
    const dry = await on.apply(system('y'), { dry: true })
    expect(summaries(dry).slice(-2)).toEqual(['one.service: later: after files.put /srv/a', 'two.service: later: after files.put /srv/a'])
    await on.make(system('y'))
    expect([await on.log('one'), await on.log('two')]).toEqual(['started', 'reloaded'])
    await on.make(system('y'))
    expect([await on.log('one'), await on.log('two')]).toEqual(['started', 'reloaded'])
  })

  test('a run that was cut off between file and restart is mended by the next one', async () => {
    const system = { services: [{ name: 'one', restart_on: ['/srv/a'] }] }
    await on.make(system)
    await on.debian.run('echo changed >/srv/a')
    expect(await on.make(system)).toEqual(['one.service: restart'])
  })

  test('a unit with its text and drop-ins is made, read, run, and restarted when its text changes', async () => {
    const system = (text: string, drop: string) => ({ services: [{ name: 'app', unit: text, drop_ins: { env: `[Service]\nEnvironment=A=${drop}\n` } }] })
    expect(await on.make(system(unitText('app'), '1'))).toEqual(['app.service: create file', 'app.service env.conf: create parent directory /etc/systemd/system/app.service.d', 'app.service env.conf: create file', 'app.service: later: unit app.service is not there yet'])
    expect([await on.is('active', 'app'), await on.is('enabled', 'app'), await on.log('app')]).toEqual(['active', 'enabled', 'started'])
    await on.make(system(unitText('app'), '2'))
    expect([await on.log('app'), await on.debian.run('systemctl show -p Environment --value app')]).toEqual(['started started', 'A=2\n'])
    await on.make(system(`# new\n${unitText('app')}`, '2'))
    expect(await on.log('app')).toBe('started started started')
    // The unit file ends what still runs of it, which the service before it has ended at its turn.
    expect([...new Set(await on.make({ services: [] }))]).toEqual(['app.service: disable', 'app.service: stop', 'app.service: remove file', 'app.service env.conf: remove file'])
    expect(await on.debian.run('ls /etc/systemd/system | grep app || true')).toBe('app.service.d\n')
  })

  test('a secret in a unit is not shown, and its file is nobody else to read', async () => {
    const system = { services: [{ name: 'one', drop_ins: { key: secret('[Service]\nEnvironment=KEY=swordfish\n') } }] }
    const applied = await on.apply(system)
    expect([applied.errors, JSON.stringify(applied.events).includes('swordfish')]).toEqual([[], false])
    expect(await on.debian.run('stat -c %a /etc/systemd/system/one.service.d/key.conf')).toBe('600\n')
    expect((await on.apply(system)).end.operations.changed).toBe(0)
  })

  test('a wrong unit file is refused before it is live', async () => {
    const { errors } = await on.apply({ services: [{ name: 'app', unit: '[Service]\nExecStart=/bin/sleep "1\n' }] })
    expect(JSON.stringify(errors[0])).toContain('Unbalanced quoting')
    expect(await on.debian.run('ls /etc/systemd/system/app.service 2>/dev/null || echo none')).toBe('none\n')
  })

  test('what the role turned on itself goes off when it is no longer declared; what was on before stays', async () => {
    await on.debian.run('systemctl enable --now two; systemctl start three')
    await on.make({ services: ['one', 'two', 'three'] })
    expect(await on.make({ services: [] })).toEqual(['one.service: disable', 'one.service: stop', 'three.service: disable'])
    expect([await on.is('active', 'one', 'two', 'three'), await on.is('enabled', 'one', 'two', 'three')]).toEqual(['inactive active active', 'disabled enabled disabled'])
  })

  test('what others changed since is kept and told; what others turned off is forgotten', async () => {
    await on.make({ services: ['one', 'two', { name: 'app', unit: unitText('app') }] })
    await on.debian.run('systemctl disable one; systemctl disable --now two; echo "# mine" >>/etc/systemd/system/app.service; systemctl daemon-reload')
    const { plan, errors } = await on.apply({ services: [] }, { maxRemovals: 100 })
    expect(errors).toEqual([])
    expect(plan.hosts[0]?.roles[0]?.kept).toEqual(['one.service: it was disabled since chaos enabled it, and it runs', '/etc/systemd/system/app.service: it was changed since chaos made it'])
    expect(summaries({ plan } as never)).toEqual(['two.service app.service: disable app.service', 'two.service app.service: stop app.service'])
    await on.debian.run('systemctl enable --now two')
    await on.apply({ services: [] }, { maxRemovals: 100 })
    expect(await on.is('active', 'two')).toBe('active')
  })

  test('state: absent stops and disables, and an unknown unit is absent already', async () => {
    await on.debian.run('systemctl enable --now one')
    expect(await on.make({ services: [{ name: 'one', state: 'absent' }, { name: 'nosuch', state: 'absent' }] })).toEqual(['one.service: disable', 'one.service: stop'])
  })

  test('exclusive turns off what is enabled and not listed, but never what the host is reached by, and asks beyond the limit', async () => {
    await on.debian.run('systemctl enable --now one two three')
    const system = { services: { list: ['one'], exclusive: true } }
    const asked = await on.apply(system)
    expect(asked.hosts[0]?.error?.code).toBe('TOO_MANY_REMOVALS')
    expect(await on.is('active', 'two', 'three')).toBe('active active')
    const applied = await on.apply(system, { maxRemovals: 100 })
    expect(applied.errors).toEqual([])
    expect([await on.is('active', 'one', 'two', 'three', 'ssh'), await on.is('enabled', 'one', 'two', 'ssh')]).toEqual(['active inactive inactive active', 'enabled disabled enabled'])
    expect((await on.apply(system)).hosts[0]).toMatchObject({ state: 'ok', exchanges: 2 })
  })

  test('a dry run changes nothing', async () => {
    const { plan } = await on.apply({ services: ['one', { name: 'app', unit: unitText('app') }] }, { dry: true })
    expect(plan.changes).toMatchObject({ operations: 2, later: 1 })
    expect([await on.is('active', 'one', 'app'), await on.is('enabled', 'one')]).toEqual(['inactive inactive', 'disabled'])
  })

  test('masked, and unmasked again', async () => {
    await on.debian.run('mkdir -p /usr/local/lib/systemd/system; mv /etc/systemd/system/one.service /usr/local/lib/systemd/system/; systemctl daemon-reload; systemctl start one')
    expect(await on.make({ services: [{ name: 'one', masked: true }] })).toEqual(['one.service: stop', 'one.service: mask'])
    expect((await on.apply({ services: ['one'] })).errors[0]?.code).toBe('UNIT_MASKED')
    expect(await on.make({ services: [{ name: 'one', masked: false }] })).toEqual(['one.service: unmask', 'one.service: enable', 'one.service: start'])
    await on.debian.run('systemctl disable --now one; rm /usr/local/lib/systemd/system/one.service')
  })

  test('what cannot be read fails the role, and nothing looks as if it were off', async () => {
    await on.debian.run('mv /run/systemd/private /run/systemd/private.real; mv /run/dbus/system_bus_socket /run/dbus/system_bus_socket.real')
    try {
      const { errors } = await on.apply({ services: [{ name: 'ssh', running: false, on_boot: false }] })
      expect(errors[0]).toMatchObject({ code: 'FACT_FAILED' })
    } finally {
      await on.debian.run('mv /run/systemd/private.real /run/systemd/private; mv /run/dbus/system_bus_socket.real /run/dbus/system_bus_socket')
    }
  })
})
