import { files, server } from '../../src/index.ts'
import { noDebian, startDebian } from '@chaos/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FIRST, onDebian, summaries } from '../systemd/support.ts'
import type { OnSystemd } from '../systemd/support.ts'

const reason = noDebian()

/** Debian's start-stop-daemon is that of dpkg, which tells OpenRC nothing of what has died: so they say their status themselves. */
const SCRIPT = String.raw`#!/sbin/openrc-run
command=/bin/sleep
command_args=infinity
command_background=yes
pidfile=/run/$RC_SVCNAME.pid
retry=TERM/10
extra_started_commands=reload
start_pre() { echo started >>/run/$RC_SVCNAME.log; }
reload() { echo reloaded >>/run/$RC_SVCNAME.log; }
status() { [ -e "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null || return 3; }
`

const INSTALL = `for n in one two three sshd; do cat >/etc/init.d/$n <<'END'
${SCRIPT}END
done
cat >/etc/init.d/failing <<'END'
#!/sbin/openrc-run
start() { echo 'failing: out of cheese' >>/var/log/messages; eerror 'no cheese'; return 1; }
END
chmod 755 /etc/init.d/*`

const RESET = `for n in one two three sshd failing; do
rc-update del -a $n; rc-service $n stop; rc-service $n zap; done >/dev/null 2>&1
rm -rf /run/*.log /var/log/messages /srv/* /etc/init.d/late
${INSTALL}`

describe.skipIf(reason)(`services of OpenRC${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, () => {
  let on: OnSystemd
  beforeAll(async () => {
    on = onDebian(await startDebian({ packages: ['openrc'] }))
    await on.run('openrc sysinit; openrc boot; openrc default')
  }, FIRST)
  beforeEach(() => on.run(RESET))
  afterAll(() => on?.debian.close())

  const state = async (...names: string[]): Promise<string> =>
    (await on.run(`for n in ${names.join(' ')}; do rc-service $n status >/dev/null 2>&1; printf '%s%s ' $? "$(cd /etc/runlevels; for l in *; do [ ! -L $l/$n ] || printf -- ' %s' $l; done)"; done`)).trim()
  const log = async (name: string): Promise<string> => (await on.run(`cat /run/${name}.log 2>/dev/null || true`)).trim().replaceAll('\n', ' ')

  test('a service is started and enabled, stopped and disabled, and then there is nothing to do, in 2 exchanges', async () => {
    expect(await on.make(() => [server.service({ name: 'one', running: true, enabled: true })])).toEqual(['enable', 'start'])
    expect(await state('one')).toBe('0 default')
    expect(await on.make(() => [server.service({ name: 'one', running: false, enabled: false })])).toEqual(['disable', 'stop'])
    expect(await state('one')).toBe('3')
  })

  test('a dry run changes nothing', async () => {
    expect(await on.plan(() => [server.service({ name: ['one', 'two'], running: true, enabled: true })])).toEqual(['enable one, two', 'start one, two'])
    expect(await state('one', 'two')).toBe('3 3')
  })

  test('services in one list are one command of a kind, and only what differs is touched: 4 exchanges', async () => {
    await on.run('rc-service two start')
    const applied = await on.apply(() => [server.service({ name: ['one', 'two', 'three'], running: true, enabled: true })])
    expect([applied.errors, summaries(applied), applied.hosts[0]?.exchanges]).toEqual([[], ['enable one, two, three', 'start one, three'], 4])
    expect([await state('one', 'two', 'three'), await log('two')]).toEqual(['0 default 0 default 0 default', 'started'])
  })

  test('what was changed by hand is mended: stopped, disabled, died', async () => {
    const wanted = () => [server.service({ name: ['one', 'two', 'three'], running: true, enabled: true })]
    await on.make(wanted)
    await on.run('rc-service one stop; rc-update del two default; kill "$(cat /run/three.pid)"; while rc-service three status; do :; done')
    expect(await on.make(wanted)).toEqual(['enable two', 'start one, three (crashed)'])
    expect(await state('one', 'two', 'three')).toBe('0 default 0 default 0 default')
  })

  test('a service is restarted once when three of its files changed, and reloaded when others did, and then no more', async () => {
    const wanted = (content: string) => () => [
      ...['/srv/a', '/srv/b', '/srv/folder/deep/c', '/srv/r'].map((path) => files.put({ path, content })),
      server.service({ name: 'one', running: true, restartWhenNewer: ['/srv/a', '/srv/b', '/srv/folder', '/srv/none'] }),
      server.service({ name: 'two', running: true, reloadWhenNewer: ['/srv/r'] }),
    ]
    await on.make(wanted('x'))
    await on.run('rm /run/*.log')
    expect((await on.make(wanted('y'))).filter((each) => each.startsWith('later'))).toEqual(['later: after files.put /srv/a', 'later: after files.put /srv/r'])
    expect([await log('one'), await log('two')]).toEqual(['started', 'reloaded'])
    await on.run('echo z >/srv/b')
    expect(await on.make(() => [server.service({ name: 'one', restartWhenNewer: ['/srv'] })])).toEqual(['restart'])
    expect(await log('one')).toBe('started started')
  })

  test('state restarts or reloads at each run, and starts what does not run', async () => {
    expect(summaries(await on.apply(() => [server.service({ name: 'one', state: 'reloaded' })]))).toEqual(['start'])
    await on.apply(() => [server.service({ name: 'one', state: 'reloaded' })])
    await on.apply(() => [server.service({ name: 'one', state: 'restarted' })])
    expect(await log('one')).toBe('started reloaded started')
  })

  test('a service that does not start is told with what it said and logged', async () => {
    const { errors } = await on.apply(() => [server.service({ name: 'failing', running: true })])
    const said = JSON.stringify(errors)
    expect([said.includes('no cheese'), said.includes('out of cheese'), said.includes('failing: rc-service start ended with exit code 1')]).toEqual([true, true, true])
  })

  test('a service that an earlier operation brings is known after it', async () => {
    const wanted = () => [files.put({ path: '/etc/init.d/late', content: SCRIPT, mode: '0755' }), server.service({ name: 'late', running: true, enabled: true })]
    expect((await on.make(wanted)).at(-1)).toMatch(/^later: /)
    expect(await state('late')).toBe('0 default')
    await on.run('rc-service late stop; rc-update del late')
    expect(await on.plan(() => [server.service({ name: 'nosuch', running: false, enabled: false })])).toEqual([])
  })

  test('what the host is reached by is changed under the access guard, and never by a removal', async () => {
    await on.run('rc-update add sshd boot; rc-service sshd start')
    const dry = await on.apply(() => [server.service({ name: 'sshd', running: false, enabled: false })], { dry: true })
    expect(dry.plan.hosts[0]?.roles[0]?.operations[0]?.changes.map(({ summary, risk }) => [summary, risk])).toEqual([['disable', 'access'], ['stop', 'access']])
    const { hosts } = await on.apply(() => [server.service({ name: 'sshd', running: false, enabled: false, removes: true })])
    expect([hosts[0]?.error?.code, await state('sshd')]).toEqual(['PROTECTED', '0 boot'])
  })

  test('what is no name of a service is refused, and without rc-service nothing looks as if it were off', async () => {
    expect((await on.apply(() => [server.service({ name: 'one/../two', running: true })])).errors[0]?.code).toBe('SERVICE_NAME')
    await on.run('mv "$(command -v rc-service)" /srv/rc-service')
    try {
      expect((await on.apply(() => [server.service({ name: 'one', running: false })])).errors[0]?.code).toBe('FACT_FAILED')
    } finally {
      await on.run('mv /srv/rc-service /sbin/rc-service')
    }
  })
})
