import { afterEach, describe, expect, test } from 'vitest'
import { pacman, server } from '../src/index.ts'
import { noPacman, startArch } from './support/arch.ts'
import type { Arch } from './support/arch.ts'
import { onMachine } from './support/on-machine.ts'
import type { OnMachine } from './support/on-machine.ts'

const missing = noPacman()
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close()
})

/** An Arch with fresh package lists, unless `lists` is false. */
async function arch({ lists = true, installed = [] as readonly string[] } = {}): Promise<Arch & Pick<OnMachine, 'apply'>> {
  const machine = await startArch({ users: { ana: {} } })
  open.push(machine)
  const on = onMachine(machine)
  open.push(on)
  if (lists) await machine.run('pacman -Sy')
  if (installed.length > 0) await machine.run(`pacman -S --noconfirm ${installed.join(' ')}`)
  return { ...machine, apply: on.apply }
}

/** What operations did, or found to do. */
const changesOf = ({ events }: Awaited<ReturnType<OnMachine['apply']>>) =>
  events.flatMap((event) => (event.type === 'plan' ? event.plan.hosts.flatMap(({ roles }) => roles.flatMap(({ operations }) => operations.flatMap(({ changes }) => changes))) : []))

const why = missing === undefined ? '' : ` (${missing})`

describe.skipIf(missing)(`pacman.packages${why}`, () => {
  test('installs packages with what they need, which stays a dependency, and is then so in 2 exchanges', async () => {
    const { apply, installed, run } = await arch()
    const packages = () => [pacman.packages({ packages: ['app', 'extra'] })]
    const first = await apply(packages())
    expect([first.errors, first.operations]).toEqual([[], ['pacman.packages app, extra: changed']])
    expect(changesOf(first).map(({ summary }) => summary)).toEqual(['install app 1.0-1, extra 1.0-1, with libbase, libapp'])
    expect(await installed()).toEqual(['app 1.0-1', 'extra 1.0-1', 'libapp 1.0-1', 'libbase 1.0-1'])
    expect(await run('pacman -Qqe')).toBe('app\nextra\n')
    const second = await apply(packages())
    expect([second.errors, second.hosts[0]?.state, second.hosts[0]?.exchanges]).toEqual([[], 'ok', 2])
  })

  test('marks what is only there as a dependency as explicit, and leaves an older version as it is', async () => {
    const { apply, installed, run, release } = await arch({ installed: ['app'] })
    await release('2.0')
    await run('pacman -Sy')
    const { errors, events } = await apply([pacman.packages({ packages: ['libapp', 'app'] })])
    expect(errors).toEqual([])
    expect(events.filter(({ type }) => type === 'change.end')).toMatchObject([{ summary: 'mark libapp as explicitly installed', state: 'changed' }])
    expect(await run('pacman -Qqe')).toBe('app\nlibapp\n')
    expect(await installed()).toContain('app 1.0-1')
  })

  test('a group is all its members, and something provided is what provides it', async () => {
    const { apply, installed } = await arch({ installed: ['tool-a'] })
    const packages = () => [pacman.packages({ packages: ['tools', 'smtp-server'] })]
    expect((await apply(packages())).errors).toEqual([])
    expect(await installed()).toEqual(['mail-a 1-1', 'tool-a 1-1', 'tool-b 1-1'])
    expect((await apply(packages())).end.operations.changed).toBe(0)
  })

  test('latest is not older than the lists offer; what pacman.conf ignores stays', async () => {
    const { apply, installed, release, run } = await arch({ installed: ['app', 'kept'] })
    await release('2.0')
    await run('pacman -Sy')
    const latest = () => [pacman.packages({ packages: [{ name: 'libapp', state: 'latest' }, { name: 'kept', state: 'latest' }] })]
    const first = await apply(latest())
    expect([first.errors, changesOf(first).map(({ summary }) => summary)]).toEqual([[], ['install libapp 1.0-1 → 2.0-1', 'mark libapp as explicitly installed']])
    expect(await installed()).toEqual(['app 1.0-1', 'kept 1.0-1', 'libapp 2.0-1', 'libbase 1.0-1'])
    expect((await apply(latest())).end.operations.changed).toBe(0)
  })

  test('a version is installed if the repositories have it, and otherwise an error that names theirs', async () => {
    const { apply, installed, release, run } = await arch()
    expect((await apply([pacman.packages({ packages: ['app=1.1-1'] })])).errors).toMatchObject([
      { code: 'PACKAGE_UNKNOWN', message: 'The repositories of @machine/root have app 1.0-1, not 1.1-1: repositories of pacman hold one version of a package.' },
    ])
    expect((await apply([pacman.packages({ packages: ['app=1.0-1'] })])).errors).toEqual([])
    await release('0.9')
    await run('touch -d "2 days ago" /var/lib/pacman/sync')
    const down = await apply([pacman.packages({ packages: ['app=0.9-1'], update: true })])
    expect(down.errors).toEqual([])
    expect(await installed()).toContain('app 0.9-1')
  })

  test('names that no repository knows are an error that names them all', async () => {
    const { apply } = await arch()
    expect((await apply([pacman.packages({ packages: ['nope', 'app', 'nichts'] })])).errors).toMatchObject([{ code: 'PACKAGE_UNKNOWN', message: expect.stringContaining('knows no package nope, nichts: neither') as string }])
  })

  test('without package lists it says so, and with update they come, with an upgrade of everything', async () => {
    const { apply, installed, release, run } = await arch({ installed: ['app'] })
    await release('2.0')
    await run('rm -r /var/lib/pacman/sync')
    expect((await apply([pacman.packages({ packages: ['extra'] })])).errors).toMatchObject([{ code: 'PACKAGE_UNKNOWN', message: expect.stringContaining('it has no package lists') as string }])
    const first = await apply([pacman.packages({ packages: ['extra'], update: true })])
    expect([first.errors, changesOf(first).map(({ summary }) => summary)]).toEqual([[], ['refresh the package lists and upgrade all packages, install extra']])
    expect(await installed()).toEqual(['app 2.0-1', 'extra 1.0-1', 'libapp 2.0-1', 'libbase 1.0-1'])
    const second = await apply([pacman.packages({ packages: ['extra', 'tools'], update: true })])
    expect(changesOf(second).map(({ summary }) => summary)).toEqual(['install tools, with tool-a, tool-b'])
  })

  test('lists that an earlier operation brings make the packages known after apply', async () => {
    const { apply, installed } = await arch({ lists: false })
    const { errors } = await apply([pacman.update({}), pacman.packages({ packages: ['extra'] })])
    expect(errors).toEqual([])
    expect(await installed()).toEqual(['extra 1.0-1'])
  })

  test('what conflicts with an installed package is an error, unless that one goes before', async () => {
    const { apply, installed } = await arch({ installed: ['mail-a'] })
    expect((await apply([pacman.packages({ packages: ['mail-b'] })])).errors).toMatchObject([{ code: 'PACKAGE_CONFLICT', message: expect.stringContaining('does not stand beside mail-a') as string }])
    const swap = await apply([pacman.packages({ packages: [{ name: 'mail-a', state: 'absent' }] }), pacman.packages({ packages: ['mail-b'] })])
    expect(swap.errors).toEqual([])
    expect(await installed()).toEqual(['mail-b 1-1'])
  })

  test('server.packages swaps one for another in one list, by the name that each has on Arch', async () => {
    const { apply, installed } = await arch({ installed: ['mail-a'] })
    const packages = () => [server.packages({ packages: [{ name: 'postfix', pacman: 'mail-b' }, { name: 'mail-a', state: 'absent' }, { name: 'apt-utils', pacman: false }] }, { root: true })]
    expect((await apply(packages())).errors).toEqual([])
    expect(await installed()).toEqual(['mail-b 1-1'])
    expect((await apply(packages())).hosts[0]?.exchanges).toBe(2)
  })

  test('removes exactly what is named: its dependencies stay, unless that is asked for', async () => {
    const { apply, installed, run } = await arch({ installed: ['app', 'extra'] })
    const first = await apply([pacman.packages({ packages: [{ name: 'app', state: 'absent' }, { name: 'nope', state: 'absent' }] })])
    expect(first.errors).toEqual([])
    expect(changesOf(first)).toMatchObject([{ summary: 'remove app', removes: true }])
    expect(await installed()).toEqual(['extra 1.0-1', 'libapp 1.0-1', 'libbase 1.0-1'])
    await run('pacman -S --noconfirm app')
    const second = await apply([pacman.packages({ packages: [{ name: 'app', state: 'absent' }], recursive: true })], { maxRemovals: 3 })
    expect(second.errors).toEqual([])
    expect(changesOf(second)).toMatchObject([{ summary: 'remove app, with libapp, libbase' }])
    expect(await installed()).toEqual(['extra 1.0-1'])
  })

  test('what others need is not removed, and the error says who needs it', async () => {
    const { apply, installed } = await arch({ installed: ['app', 'openssh'] })
    expect((await apply([pacman.packages({ packages: [{ name: 'libbase', state: 'absent' }] })])).errors).toMatchObject([
      { code: 'PACKAGE_NEEDED', message: 'libbase cannot be removed from @machine/root: libapp, which stays, needs it.', hint: 'Say that libapp should be absent too, or keep libbase.' },
    ])
    expect((await apply([pacman.packages({ packages: [{ name: 'openssh', state: 'absent' }] })])).errors).toMatchObject([{ code: 'PROTECTED' }])
    expect(await installed()).toEqual(['app 1.0-1', 'libapp 1.0-1', 'libbase 1.0-1', 'openssh 9.0-1'])
  })

  test('a dry run changes nothing, also not the lists', async () => {
    const { apply, installed, run } = await arch({ installed: ['extra'] })
    const before = await run('find /var/lib/pacman /var/cache/pacman /var/log -type f -exec sha256sum {} + | sort')
    const { errors, end } = await apply([pacman.packages({ packages: ['app'] }), pacman.packages({ packages: [{ name: 'extra', state: 'absent' }] }), pacman.update({})], { dry: true })
    expect([errors, end.outcome]).toEqual([[], 'done'])
    expect(await installed()).toEqual(['extra 1.0-1'])
    expect(await run('find /var/lib/pacman /var/cache/pacman /var/log -type f -exec sha256sum {} + | sort')).toBe(before)
  })
})

describe.skipIf(missing)(`the lock of pacman${why}`, () => {
  test('is waited for while somebody holds it', async () => {
    const { apply, installed, run } = await arch()
    await run('(exec 9>/var/lib/pacman/db.lck; sleep 2; rm /var/lib/pacman/db.lck) >/dev/null 2>&1 &')
    expect((await apply([pacman.packages({ packages: ['extra'] })])).errors).toEqual([])
    expect(await installed()).toEqual(['extra 1.0-1'])
  })

  test('is an error in the plan when whoever held it is gone, and stays', async () => {
    const { apply, run } = await arch({ installed: ['extra'] })
    await run('touch /var/lib/pacman/db.lck; touch -d "2 days ago" /var/lib/pacman/sync')
    for (const op of [pacman.packages({ packages: ['app'] }), pacman.packages({ packages: [{ name: 'extra', state: 'absent' }] })]) {
      expect((await apply([op], { dry: true })).errors).toMatchObject([{ code: 'PACKAGE_LOCK', message: expect.stringContaining('/var/lib/pacman/db.lck on @machine/root was left behind') as string }])
    }
    expect((await apply([pacman.update({})])).errors[0]?.message).toContain('no process holds it')
    expect(await run('ls /var/lib/pacman/db.lck')).toBe('/var/lib/pacman/db.lck\n')
  })
})

describe.skipIf(missing)(`pacman.update and pacman.upgrade${why}`, () => {
  test('update refreshes the lists and upgrades with them, and not when they are young enough', async () => {
    const { apply, installed, release, run } = await arch({ installed: ['app'] })
    await release('2.0')
    expect((await apply([pacman.update({ cacheTime: 3600 })])).end.operations.changed).toBe(0)
    await run('touch -d "2 days ago" /var/lib/pacman/sync')
    expect((await apply([pacman.update({})])).errors).toEqual([])
    expect(await installed()).toEqual(['app 2.0-1', 'libapp 2.0-1', 'libbase 1.0-1'])
  })

  test('update without upgrade refreshes the lists alone, and lists that did not change are young again', async () => {
    const { apply, installed, release, run } = await arch({ installed: ['app'] })
    await release('2.0')
    for (const _ of ['new ones', 'the same again']) {
      await run('touch -d "2 days ago" /var/lib/pacman/sync')
      expect((await apply([pacman.update({ upgrade: false })])).operations).toEqual(['pacman.update : changed'])
    }
    expect(await installed()).toContain('app 1.0-1')
    expect((await apply([pacman.update({ cacheTime: 3600, upgrade: false })])).end.operations.changed).toBe(0)
  })

  test('upgrade leaves nothing older than the lists say but what pacman.conf ignores, and shows what it does', async () => {
    const { apply, installed, release, run } = await arch({ installed: ['app', 'kept'] })
    await release('2.0')
    expect((await apply([pacman.upgrade({})])).end.operations.changed).toBe(0)
    await run('pacman -Sy')
    const first = await apply([pacman.upgrade({})])
    expect(changesOf(first)).toMatchObject([{ summary: 'upgrade 2 packages', before: { text: 'app 1.0-1\nlibapp 1.0-1\n' }, after: { text: 'app 2.0-1\nlibapp 2.0-1\n' } }])
    expect(await installed()).toEqual(['app 2.0-1', 'kept 1.0-1', 'libapp 2.0-1', 'libbase 1.0-1'])
    expect((await apply([pacman.upgrade({})])).end.operations.changed).toBe(0)
  })
})

/** Records its arguments, who runs it, and installs what it was asked for, as a helper does in the end with what it has built. */
const HELPER = String.raw`#!/bin/sh
echo "$(id -un) $0 $*" >>/tmp/helper.log
for word do last=$word; done
sudo -n pacman -U --noconfirm /srv/repository/"$last"-*.pkg.tar.gz
`

describe.skipIf(missing)(`pacman.aurPackages${why}`, () => {
  async function withHelper(helper: string): ReturnType<typeof arch> {
    const made = await arch()
    await made.run(`cat >/usr/local/bin/${helper} <<'EOF'\n${HELPER}EOF\nchmod 755 /usr/local/bin/${helper}`)
    return made
  }
  const ALLOW = `umask 337; echo 'ana ALL=(root) NOPASSWD: /usr/bin/pacman' >>/etc/sudoers`

  test.each([
    ['yay' as const, '-S --needed --noconfirm --aur --answerclean All --answerdiff None --answeredit None --removemake foreign'],
    ['paru' as const, '-S --needed --noconfirm --aur --skipreview --removemake --cleanafter foreign'],
  ])('%s is told in its own words that nobody is there, and runs as the user who is connected', async (helper, told) => {
    const { apply, installed, run } = await withHelper(helper)
    await run(ALLOW)
    const packages = (present = true) => [pacman.aurPackages({ packages: ['foreign'], helper, present })]
    expect((await apply(packages(), { user: 'ana' })).errors).toEqual([])
    expect(await run('cat /tmp/helper.log')).toBe(`ana /usr/local/bin/${helper} ${told}\n`)
    expect((await apply(packages(), { user: 'ana' })).hosts[0]?.exchanges).toBe(2)
    const gone = await apply(packages(false), { user: 'ana' })
    expect([gone.errors, changesOf(gone)]).toMatchObject([[], [{ summary: 'remove foreign', removes: true }]])
    expect(await installed()).toEqual([])
  })

  test('root never builds; a user that is named does', async () => {
    const { apply, run } = await withHelper('yay')
    await run(ALLOW)
    expect((await apply([pacman.aurPackages({ packages: ['foreign'] })])).errors).toMatchObject([{ code: 'AUR_ROOT' }])
    expect((await apply([pacman.aurPackages({ packages: ['foreign'] }, { sudoUser: 'ana' })])).errors).toEqual([])
    expect(await run('cat /tmp/helper.log')).toMatch(/^ana /)
  })

  test('a helper that is not there and a sudo that asks are errors that say what to do', async () => {
    const { apply, run } = await withHelper('yay')
    expect((await apply([pacman.aurPackages({ packages: ['foreign'], helper: 'paru' })], { user: 'ana' })).errors).toMatchObject([{ code: 'AUR_HELPER', message: expect.stringContaining('has no paru') as string }])
    expect((await apply([pacman.aurPackages({ packages: ['foreign'] })], { user: 'ana' })).errors).toMatchObject([{ code: 'AUR_SUDO', hint: expect.stringContaining('ana ALL=(root) NOPASSWD: /usr/bin/pacman') as string }])
    expect(await run('ls /tmp')).not.toContain('helper.log')
  })
})
