import { applyWith, startDebian } from '@chaos/testkit'
import type { Applied, ApplyOptions, Debian } from '@chaos/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import docker from '../../connector-docker/src/index.ts'
import local from '../../connector-local/src/index.ts'
import files from '../../role-files/src/index.ts'
import services from '../src/index.ts'
import { FIRST, because, reason, summaries } from './support.ts'

/** Debian's start-stop-daemon is that of dpkg, which tells OpenRC nothing of what has died: so they say their status themselves. */
const INSTALL = String.raw`for n in one two three sshd; do cat >/etc/init.d/$n <<'END'
#!/sbin/openrc-run
command=/bin/sleep
command_args=infinity
command_background=yes
pidfile=/run/$RC_SVCNAME.pid
retry=TERM/10
extra_started_commands=reload
start_pre() { echo started >>/run/$RC_SVCNAME.log; }
reload() { echo reloaded >>/run/$RC_SVCNAME.log; }
status() { [ -e "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null || return 3; }
END
chmod 755 /etc/init.d/$n
rc-update del -a $n; rc-service $n stop; rc-service $n zap
done >/dev/null 2>&1
rm -rf /run/*.log /srv/* /var/lib/chaos`

describe.skipIf(reason)(`the role services with OpenRC${because}`, { timeout: 240_000 }, () => {
  let debian: Debian
  beforeAll(async () => {
    debian = await startDebian({ packages: ['openrc'] })
    await debian.run('openrc sysinit; openrc boot; openrc default')
  }, FIRST)
  beforeEach(() => debian.run(INSTALL))
  afterAll(() => debian?.close())

  const apply = (desired: Readonly<Record<string, unknown>>, options: Partial<ApplyOptions> = {}): Promise<Applied> =>
    applyWith({ hosts: [debian.host], roles: { ...('files' in desired ? { files } : {}), services }, desired, load: async (_, name) => (name === 'docker' ? docker : local), ...options })
  /** Applies it; then again, which must change nothing, in two exchanges. Gives what the first run said it would do. */
  const make = async (desired: Readonly<Record<string, unknown>>): Promise<string[]> => {
    const first = await apply(desired, { maxRemovals: 100 })
    if (first.errors.length > 0) throw new Error(first.errors.map(({ code, message }) => `${code}: ${message}`).join('\n'))
    const again = await apply(desired)
    if (again.end.operations.changed !== 0 || (again.hosts[0]?.exchanges ?? 9) > 2) throw new Error(`again: ${summaries(again).join('; ')}, in ${again.hosts[0]?.exchanges} exchanges`)
    return summaries(first)
  }
  /** The exit code of `rc-service NAME status`, and the runlevels it is in. */
  const state = async (...names: string[]): Promise<string> =>
    (await debian.run(`for n in ${names.join(' ')}; do rc-service $n status >/dev/null 2>&1; printf '%s%s ' $? "$(cd /etc/runlevels; for l in *; do [ ! -L $l/$n ] || printf -- ' %s' $l; done)"; done`)).trim()
  const log = async (name: string): Promise<string> => (await debian.run(`cat /run/${name}.log 2>/dev/null || true`)).trim().replaceAll('\n', ' ')

  test('a name alone runs now and with the machine, many are one command of a kind, and a second run takes 2 exchanges', async () => {
    expect(await make({ services: ['one', { name: 'two' }, { name: 'three.service', running: true, on_boot: true, dense_service: false }] })).toEqual(['one two three: enable one, two, three', 'one two three: start one, two, three'])
    expect(await state('one', 'two', 'three')).toBe('0 default 0 default 0 default')
  })

  test('what was changed by hand is mended, and running and on_boot are told apart', async () => {
    const system = { services: ['one', { name: 'two', running: false }, { name: 'three', on_boot: false }] }
    await make(system)
    expect(await state('one', 'two', 'three')).toBe('0 default 3 default 0')
    await debian.run('kill "$(cat /run/one.pid)"; while rc-service one status; do :; done; rc-service two start; rc-update add three default')
    expect(await make(system)).toEqual(['one: start (crashed)', 'two: stop', 'three: disable'])
    expect(await state('one', 'two', 'three')).toBe('0 default 3 default 0')
  })

  test('a service is restarted once when two of its files changed, by the files role of the same run, and then no more', async () => {
    const system = (content: string) => ({
      files: ['a', 'b'].map((name) => ({ path: `/srv/${name}`, content })),
      services: [{ name: 'one', restart_on: ['/srv/a', '/srv/b'] }, { name: 'two', reload_on: ['/srv'] }],
    })
    await make(system('x'))
    await debian.run('rm -f /run/*.log')
    expect(summaries(await apply(system('y'), { dry: true })).slice(-2)).toEqual(['one: later: after files.put /srv/a', 'two: later: after files.put /srv/a'])
    await make(system('y'))
    expect([await log('one'), await log('two')]).toEqual(['started', 'reloaded'])
    await debian.run('echo cut off >/srv/a')
    expect(await make({ services: system('').services })).toEqual(['one: restart', 'two: reload'])
  })

  test('what the role turned on itself goes off when it is no longer declared; what was on before stays', async () => {
    await debian.run('rc-update add two default; rc-service two start; rc-service three start')
    await make({ services: ['one', 'two', 'three'] })
    expect(await make({ services: [] })).toEqual(['one: disable', 'one: stop', 'three: disable'])
    expect(await state('one', 'two', 'three')).toBe('3 0 default 0')
  })

  test('what others changed since is kept and told; what others turned off is forgotten', async () => {
    await make({ services: ['one', 'two'] })
    await debian.run('rc-update del one; rc-update del two; rc-service two stop')
    const { plan, errors } = await apply({ services: [] }, { maxRemovals: 100 })
    expect([errors, plan.hosts[0]?.roles[0]?.kept, summaries({ plan } as Applied)]).toEqual([[], ['one: it was disabled since chaos enabled it, and it runs'], ['two: forget it: it is no longer there']])
    await debian.run('rc-update add two default; rc-service two start')
    await apply({ services: [] }, { maxRemovals: 100 })
    expect(await state('two')).toBe('0 default')
  })

  test('state: absent stops and disables, and an unknown service is absent already', async () => {
    await make({ services: ['one'] })
    expect(await make({ services: [{ name: 'one', state: 'absent' }, { name: 'nosuch', state: 'absent' }] })).toEqual(['one: disable', 'one: stop'])
    expect(await state('one')).toBe('3')
  })

  test('exclusive turns off what is in the runlevel default and not listed, but never what the host is reached by, and asks beyond the limit', async () => {
    await debian.run('for n in one two three sshd; do rc-update add $n default; rc-service $n start; done')
    const system = { services: { list: ['one'], exclusive: true } }
    expect((await apply(system)).hosts[0]?.error?.code).toBe('TOO_MANY_REMOVALS')
    await make(system)
    expect([await state('one', 'two', 'three', 'sshd'), await debian.run('ls /etc/runlevels/sysinit')]).toEqual(['0 default 3 3 0 default', 'cgroups\nhwclock.sh\n'])
  })

  test('a dry run changes nothing', async () => {
    expect(summaries(await apply({ services: ['one'] }, { dry: true }))).toEqual(['one: enable', 'one: start'])
    expect(await state('one')).toBe('3')
  })

  test.each([{ unit: '[Service]\nExecStart=/bin/true\n' }, { drop_ins: { a: '[Service]\n' } }, { masked: true }, { user: 'ana' }, { dense_service: true }])('what is systemd’s is refused, and nothing is changed: %o', async (keys) => {
    const { errors } = await apply({ services: ['two', { name: 'one', ...keys }] })
    expect(errors[0]).toMatchObject({ code: 'SYSTEMD_ONLY', message: expect.stringContaining(`one: ${Object.keys(keys)[0]} is for systemd`) })
    expect(await state('one', 'two')).toBe('3 3')
  })
})
