import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemd } from '../../src/index.ts'
import { because, FIRST, reason, startSystemd } from './support.ts'
import type { OnSystemd } from './support.ts'

const SLEEP = { Service: { ExecStart: '/bin/sleep infinity' }, Install: { WantedBy: 'multi-user.target' } }

describe.skipIf(reason)(`files of units${because}`, { timeout: 240_000 }, () => {
  let on: OnSystemd
  beforeAll(async () => {
    on = await startSystemd()
    await on.run('useradd --create-home ana')
  }, FIRST)
  afterAll(() => on?.debian.close())

  const is = async (verb: string, ...units: string[]): Promise<string> => (await on.run(`systemctl is-${verb} ${units.join(' ')} || true`)).trim().replaceAll('\n', ' ')
  const show = async (property: string, unit: string): Promise<string> => (await on.run(`systemctl show --property=${property} --value ${unit}`)).trim()

  test('a unit file is written and read; changed, it is read again; absent, it is stopped, disabled and gone', async () => {
    const unit = (description: string) => () => [systemd.unit({ name: 'app', sections: { Unit: { Description: description }, ...SLEEP } })]
    expect(await on.make(unit('one'))).toEqual(['create file'])
    await on.run('systemctl enable --now app')
    expect(await on.make(unit('two'))).toEqual(['update content'])
    expect([await show('Description', 'app'), await show('NeedDaemonReload', 'app'), await is('active', 'app')]).toEqual(['two', 'no', 'active'])
    expect(await on.make(() => [systemd.unit({ name: 'app', present: false })])).toEqual(['disable', 'stop', 'remove file'])
    expect(await show('LoadState', 'app')).toBe('not-found')
  })

  test('a drop-in in a folder that is new is read, and one that was taken away too', async () => {
    await on.make(() => [systemd.unit({ name: 'app', sections: SLEEP })])
    await on.run('systemctl start app')
    const dropIn = (present: boolean) => () => [systemd.dropIn({ unit: 'app', name: 'env', ...(present ? { content: '[Service]\nEnvironment=A=1\n' } : { present }) })]
    await on.make(dropIn(true))
    expect(await show('Environment', 'app')).toBe('A=1')
    await on.make(dropIn(false))
    expect(await show('Environment', 'app')).toBe('')
  })

  test('a file that was written and never read is read by the next run', async () => {
    const unit = () => [systemd.unit({ name: 'app', sections: SLEEP })]
    await on.make(unit)
    await on.run('systemctl start app; touch -d "+1 second" /etc/systemd/system/app.service')
    expect(await on.make(unit)).toEqual(['daemon-reload: unit files were changed'])
  })

  test('what systemd would refuse is not written, and says why; warnings and programs that come later do not matter', async () => {
    const unit = (content: string) => () => [systemd.unit({ name: 'wrong.service', content })]
    const { errors } = await on.apply(unit('[Service]\nExecStart=/bin/sleep "1\n'))
    expect(JSON.stringify(errors[0])).toContain('Unbalanced quoting')
    expect(JSON.stringify(errors[0])).not.toContain('/tmp/')
    expect(await on.run('ls /etc/systemd/system/wrong.service 2>/dev/null || echo none')).toBe('none\n')
    await on.make(unit('[Unit]\nRequires=later.service\n[Service]\nUnknown=1\nExecStart=/usr/bin/later\n'))
    expect(JSON.stringify((await on.apply(() => [systemd.dropIn({ unit: 'app', content: '[Service]\nExecStart=/bin/a\n' })])).errors)).toContain('more than one ExecStart=')
  })

  test('a timer is on with its command, changes with its time, refuses a time that is none, and goes again', async () => {
    const timer = (onCalendar: string) => () => [systemd.timer({ name: 'backup', onCalendar, command: '/bin/true' })]
    expect((await on.plan(timer('daily'))).length).toBeGreaterThan(2)
    await on.make(timer('daily'))
    expect([await is('active', 'backup.timer'), await is('enabled', 'backup.timer')]).toEqual(['active', 'enabled'])
    await on.make(timer('02:30'))
    expect(await show('TimersCalendar', 'backup.timer')).toContain('02:30:00')
    expect(JSON.stringify((await on.apply(timer('every so often'))).errors[0])).toContain('every so often')
    await on.make(() => [systemd.timer({ name: 'backup', present: false })])
    expect([await show('LoadState', 'backup.timer'), await show('LoadState', 'backup.service')]).toEqual(['not-found', 'not-found'])
  })

  test("a user's units run without a login", async () => {
    const ops = () => [
      systemd.linger({ user: 'ana' }),
      systemd.unit({ name: 'mine', user: 'ana', sections: { ...SLEEP, Install: { WantedBy: 'default.target' } } }),
      systemd.service({ name: 'mine', user: 'ana', enabled: true, running: true }),
    ]
    const first = await on.apply(ops)
    expect(first.errors).toEqual([])
    const status = 'runuser -u ana -- env XDG_RUNTIME_DIR=/run/user/$(id -u ana) systemctl --user'
    expect(await on.run(`${status} is-active mine; ${status} is-enabled mine; stat -c %U /home/ana/.config /home/ana/.config/systemd/user/mine.service`)).toBe('active\nenabled\nana\nana\n')
    const again = await on.apply(ops)
    expect([again.errors, again.end.operations.changed, again.hosts[0]?.exchanges]).toEqual([[], 0, 3])
  })

  test('where systemd does not run, what starts with the machine is set, and starting is an error', async () => {
    await on.make(() => [systemd.unit({ name: 'app', sections: SLEEP })])
    await on.run('systemctl disable --now app; mv /run/systemd/system /run/systemd/system.away')
    try {
      expect(await on.make(() => [systemd.service({ name: 'app', enabled: true }), systemd.service({ name: 'masked-one', masked: true })])).toEqual(['enable', 'mask'])
      expect(await on.run('ls /etc/systemd/system/multi-user.target.wants/app.service; readlink /etc/systemd/system/masked-one.service')).toBe('/etc/systemd/system/multi-user.target.wants/app.service\n/dev/null\n')
      expect(await on.make(() => [systemd.unit({ name: 'other', sections: SLEEP })])).toEqual(['create file'])
      expect((await on.apply(() => [systemd.service({ name: 'app', running: true })])).errors[0]?.code).toBe('NO_SYSTEMD')
    } finally {
      await on.run('mv /run/systemd/system.away /run/systemd/system')
    }
  })
})

