import { files, server, systemd } from '../../src/index.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { because, FIRST, reason, startSystemd, summaries } from './support.ts'
import type { OnSystemd } from './support.ts'

/** Units of our own: what they start does nothing. */
const UNITS = String.raw`
for n in one two three; do printf '[Service]\nExecStart=/bin/sleep infinity\nExecReload=/bin/sh -c "echo reloaded >>/run/%s.log"\nExecStartPre=/bin/sh -c "echo started >>/run/%s.log"\n[Install]\nWantedBy=multi-user.target\n' $n $n >/etc/systemd/system/$n.service; done
printf '[Service]\nExecStart=/bin/sleep infinity\n' >/etc/systemd/system/static.service
printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo ran >>/run/oneshot.log"\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/oneshot.service
# A start of it ends when it has: one of Type=simple would end before it failed.
printf '[Service]\nType=notify\nExecStart=/bin/sh -c "echo out of cheese; exit 7"\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/failing.service
printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/each@.service
printf '[Service]\nExecStart=/bin/sleep infinity\n' >/etc/systemd/system/called.service
printf '[Socket]\nListenStream=/run/called.socket\n[Install]\nWantedBy=sockets.target\n' >/etc/systemd/system/called.socket
systemctl daemon-reload`

// What it changes of units is read once, at its end.
const RESET = `cd /etc/systemd/system
systemctl --no-reload unmask one two three failing static nosuch 2>/dev/null
systemctl --no-reload disable one two three failing oneshot each@x 2>/dev/null
systemctl stop one two three failing static oneshot each@x called.socket called 'each@*' 2>/dev/null
systemctl reset-failed
rm -rf /run/*.log /srv/*; find . -name '*.d' -prune -exec rm -rf {} +
${UNITS}`

/** Files are stamped with a clock of the kernel that goes by ticks, and units with one that does not: from here on a file is newer than what was started before. */
const TICK = 'touch /run/before; while touch /run/after; [ -z "$(find /run/after -newer /run/before)" ]; do :; done'

describe.skipIf(reason)(`services of systemd${because}`, () => {
  let on: OnSystemd
  beforeAll(async () => {
    on = await startSystemd()
  }, FIRST)
  beforeEach(() => on.run(`${RESET}\ntrue`))
  afterAll(() => on?.debian.close())

  const is = async (verb: string, ...units: string[]): Promise<string> => (await on.run(`systemctl is-${verb} ${units.join(' ')} || true`)).trim().replaceAll('\n', ' ')
  const log = async (name: string): Promise<string> => (await on.run(`cat /run/${name}.log 2>/dev/null || true`)).trim().replaceAll('\n', ' ')

  test('a service is started and enabled, and then there is nothing to do, in 2 exchanges', async () => {
    expect(await on.make(() => [systemd.service({ name: 'one', running: true, enabled: true })])).toEqual(['enable', 'start'])
    expect([await is('active', 'one'), await is('enabled', 'one')]).toEqual(['active', 'enabled'])
    expect(await on.make(() => [systemd.service({ name: 'one.service', running: false, enabled: false })])).toEqual(['disable', 'stop'])
    expect([await is('active', 'one'), await is('enabled', 'one')]).toEqual(['inactive', 'disabled'])
  })

  test('a dry run changes nothing', async () => {
    expect(await on.plan(() => [systemd.service({ name: ['one', 'two'], running: true, enabled: true })])).toEqual(['enable one.service, two.service', 'start one.service, two.service'])
    expect([await is('active', 'one', 'two'), await is('enabled', 'one', 'two')]).toEqual(['inactive inactive', 'disabled disabled'])
  })

  test('an enabled service that was stopped by hand is started, a stopped one that was enabled is disabled, and only what differs is touched', async () => {
    await on.run('systemctl enable one; systemctl start two')
    expect(await on.make(() => [systemd.service({ name: 'one', running: true, enabled: true }), systemd.service({ name: 'two', running: true })])).toEqual(['start'])
    expect(await is('enabled', 'two')).toBe('disabled')
    expect(await on.make(() => [systemd.service({ name: 'one', enabled: false })])).toEqual(['disable'])
    expect(await is('active', 'one')).toBe('active')
  })

  test('services in one list are one command of a kind, whatever state each has', async () => {
    await on.run('systemctl start two')
    const applied = await on.apply(() => [systemd.service({ name: ['one', 'two', 'three'], running: true, enabled: true })])
    expect(summaries(applied)).toEqual(['enable one.service, two.service, three.service', 'start one.service, three.service'])
    expect(applied.hosts[0]?.exchanges).toBe(4)
    expect(await log('two')).toBe('started')
  })

  test('services that are operations of their own travel together: 4 exchanges', async () => {
    const applied = await on.apply(() => ['one', 'two', 'three'].map((name) => systemd.service({ name, running: true })))
    expect([applied.errors, applied.hosts[0]?.exchanges, await is('active', 'one', 'two', 'three')]).toEqual([[], 4, 'active active active'])
  })

  test('a service is restarted once when three of its files changed, and then no more', async () => {
    const restart = () => systemd.service({ name: 'one', running: true, restartWhenNewer: ['/srv/a', '/srv/b', '/srv/folder', '/srv/none'] })
    await on.make(() => [restart()])
    const change = (content: string) => () => [
      ...['/srv/a', '/srv/b', '/srv/folder/deep/c'].map((path) => files.put({ path, content })),
      restart(),
    ]
    const first = await on.apply(change('x'), { dry: true })
    expect(summaries(first).at(-1)).toMatch(/^later: after files.put/)
    expect(await on.make(change('x'))).toContain('later: after files.put /srv/a')
    expect(await log('one')).toBe('started started')
    await on.make(change('y'))
    expect(await log('one')).toBe('started started started')
  })

  test('what a run was cut off before is mended: a file that changed by hand is newer than the service', async () => {
    const restart = () => [systemd.service({ name: 'one', restartWhenNewer: ['/srv/a'] }), systemd.service({ name: 'two', reloadWhenNewer: ['/srv/a'] })]
    await on.run(`systemctl start one two; rm -f /run/two.log; ${TICK}; touch /srv/new -d 2001-01-01; mv /srv/new /srv/a`)
    expect(await on.make(restart)).toEqual(['restart', 'reload'])
    expect([await log('one'), await log('two')]).toEqual(['started started', 'reloaded'])
    await on.run(`${TICK}; touch /srv/a`)
    expect(await on.make(restart)).toEqual(['restart', 'reload'])
  })

  test('what does not run is not restarted for a file', async () => {
    await on.run('touch /srv/a')
    expect(await on.make(() => [systemd.service({ name: 'one', restartWhenNewer: ['/srv/a'] })])).toEqual([])
    expect(await is('active', 'one')).toBe('inactive')
  })

  test('restarted and reloaded are actions, for ifChanged', async () => {
    const ops = (content: string) => () => {
      return (function* () {
        const conf = yield* files.put({ path: '/srv/a', content })
        yield systemd.service({ name: 'one', state: 'restarted' }, { ifChanged: conf })
        yield systemd.service({ name: 'two', state: 'reloaded' }, { ifChanged: conf })
      })() as never
    }
    await on.run('systemctl start one two; rm -f /run/*.log')
    for (const content of ['x', 'x', 'y']) expect((await on.apply(ops(content))).errors).toEqual([])
    expect([await log('one'), await log('two')]).toEqual(['started started', 'reloaded reloaded'])
  })

  test('files of units that were changed by hand are read before anything else, once', async () => {
    await on.run('systemctl start one two; for n in one two; do mkdir -p /etc/systemd/system/$n.service.d; printf "[Service]\\nEnvironment=A=1\\n" >/etc/systemd/system/$n.service.d/a.conf; done')
    expect(await on.make(() => [systemd.service({ name: ['one', 'two'], running: true })])).toEqual(['daemon-reload: unit files were changed'])
    expect(await on.run('systemctl show -p Environment --value one')).toBe('A=1\n')
  })

  test('what fails to start is told with its last lines and how it ended', async () => {
    const { errors } = await on.apply(() => [systemd.service({ name: 'failing', running: true })])
    expect(errors[0]?.message).toMatch(/failing\.service: failed \(exit-code, exit status 7\)/)
    expect(JSON.stringify(errors[0])).toContain('out of cheese')
    expect(await on.plan(() => [systemd.service({ name: 'failing', running: true })])).toEqual(['start (failed: exit-code, exit status 7)'])
  })

  test('a failed service is mended, also when it was started too often', async () => {
    await on.run('for i in 1 2 3 4 5 6 7; do systemctl start failing; done 2>/dev/null; sed -i -e /^Type=/d -e "s|^ExecStart.*|ExecStart=/bin/sleep infinity|" /etc/systemd/system/failing.service')
    expect(await is('failed', 'failing')).toBe('failed')
    expect(await on.make(() => [systemd.service({ name: 'failing', running: true })])).toEqual(['daemon-reload: unit files were changed', 'start (failed: exit-code, exit status 7)'])
  })

  test('a unit that is not there yet is known after apply, and an error when nothing has made it', async () => {
    const service = () => systemd.service({ name: 'nosuch', running: true, enabled: true })
    expect(await on.plan(() => [service()])).toEqual(['later: unit nosuch.service is not there yet'])
    expect((await on.apply(() => [service()])).errors[0]).toMatchObject({ code: 'STILL_LATER', message: expect.stringContaining('unit nosuch.service is not there yet') })
    expect(await on.make(() => [systemd.service({ name: 'nosuch', running: false, enabled: false })])).toEqual([])
    const made = () => [systemd.unit({ name: 'later.service', sections: { Service: { ExecStart: '/bin/sleep infinity' }, Install: { WantedBy: 'multi-user.target' } } }), systemd.service({ name: 'later', running: true, enabled: true })]
    expect(await on.make(made)).toEqual(['create file', 'later: unit later.service is not there yet'])
    expect([await is('active', 'later'), await is('enabled', 'later')]).toEqual(['active', 'enabled'])
  })

  test('a unit without an [Install] section cannot be enabled, and that is said', async () => {
    expect((await on.apply(() => [systemd.service({ name: 'static', enabled: true })])).errors[0]).toMatchObject({ code: 'UNIT_NOT_ENABLED', message: 'static.service cannot be enabled: it has no [Install] section, so something else starts it.' })
    expect(await on.make(() => [systemd.service({ name: 'static', enabled: false, running: true })])).toEqual(['start'])
  })

  test('a oneshot that ends by itself is never started because it does not run', async () => {
    expect(await on.make(() => [systemd.service({ name: 'oneshot', running: true, enabled: true })])).toEqual(['enable'])
    expect(await log('oneshot')).toBe('')
  })

  test('masked and unmasked; what is masked does not start unless that is said', async () => {
    await on.run('systemctl start static')
    expect(await on.make(() => [systemd.service({ name: 'nosuch', masked: true })])).toEqual(['mask'])
    await on.run('rm /etc/systemd/system/three.service; systemctl daemon-reload; mkdir -p /usr/local/lib/systemd/system; printf "[Service]\\nExecStart=/bin/sleep infinity\\n" >/usr/local/lib/systemd/system/four.service; systemctl daemon-reload; systemctl start four')
    expect(await on.make(() => [systemd.service({ name: 'four', masked: true })])).toEqual(['stop', 'mask'])
    expect((await on.apply(() => [systemd.service({ name: 'four', running: true })])).errors[0]?.code).toBe('UNIT_MASKED')
    expect(await on.make(() => [systemd.service({ name: 'four', running: true, masked: false })])).toEqual(['unmask', 'start'])
  })

  test('instances of templates, aliases, names that need escaping and units that are no services', async () => {
    await on.run('printf "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nAlias=alias.service\\nWantedBy=multi-user.target\\n" >/etc/systemd/system/one.service; systemctl daemon-reload; systemctl enable one')
    expect(await on.make(() => [systemd.service({ name: ['each@x', 'alias'], running: true, enabled: true }), systemd.service({ name: 'each@/srv/a b', running: true }), systemd.service({ name: 'called.socket', running: true, enabled: true })]))
      .toEqual(['enable each@x.service', 'start each@x.service, alias.service', 'start', 'enable', 'start'])
    expect(await is('active', 'one', 'each@x', String.raw`'each@-srv-a\x20b'`, 'called.socket')).toBe('active active active active')
  })

  test('who stops a service stops the socket that would start it again', async () => {
    await on.run('systemctl start called.socket called')
    expect(await on.make(() => [systemd.service({ name: 'called', running: false })])).toEqual(['stop, and called.socket that would start it again'])
    expect(await is('active', 'called', 'called.socket')).toBe('inactive inactive')
  })

  test('what a host is reached by is stopped under the access guard, with what takes it back', async () => {
    const { plan } = await on.apply(() => [systemd.service({ name: ['ssh', 'one'], running: false }), systemd.service({ name: 'one', running: true })], { dry: true })
    const changes = plan.hosts[0]?.roles[0]?.operations.map(({ changes: [first] }) => first)
    expect(changes).toMatchObject([{ risk: 'access' }, { summary: 'start' }])
    expect(changes?.[1]).not.toHaveProperty('risk')
  })

  test('a removal is counted, and refused for what the host needs', async () => {
    await on.run('systemctl enable --now one')
    const { plan } = await on.apply(() => [systemd.service({ name: ['one', 'two'], running: false, enabled: false, removes: true })], { dry: true })
    expect(plan.changes.removals).toBe(1)
    expect((await on.apply(() => [systemd.service({ name: 'ssh', running: false, removes: true })])).errors[0]?.code).toBe('PROTECTED')
  })

  test('server.service is the same by whatever init system is there', async () => {
    expect(await on.make(() => [server.service({ name: ['one', 'two'], running: true, enabled: true })])).toEqual(['enable one.service, two.service', 'start one.service, two.service'])
  })
})
