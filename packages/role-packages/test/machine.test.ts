import { noSshd, startMachine } from '@chaos/testkit'
import type { Applied, Machine } from '@chaos/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { publish, REFRESH } from '../../operations/test/support/apt-repository.ts'
import { onMachine } from '../../operations/test/support/on-machine.ts'
import type { OnMachine } from '../../operations/test/support/on-machine.ts'
import role from '../src/index.ts'

const missing = noSshd()

const REPOSITORY = [
  { name: 'aaa', version: '1.0' },
  { name: 'aaa', version: '2.0' },
  { name: 'bbb', fields: ['Depends: aaa'] },
  { name: 'ccc' },
  { name: 'apache2-test' },
  { name: 'fish', version: '9' },
  ...Array.from({ length: 12 }, (_, index) => ({ name: `many${index}` })),
]

describe.skipIf(missing)(`packages of a Ch-obolo on Debian${missing ? ` (${missing})` : ''}`, () => {
  let machine: Machine
  let on: OnMachine
  const run = (desired: Record<string, unknown>, options: object = {}): Promise<Applied> => on.apply([], { roles: { packages: role }, desired, ...options })
  const summaries = ({ plan }: Applied): string[] => plan.hosts.flatMap(({ roles }) => roles.flatMap(({ operations }) => operations.flatMap(({ changes }) => changes.map(({ summary }) => summary))))
  const kept = ({ plan }: Applied): readonly string[] => plan.hosts[0]?.roles[0]?.kept ?? []
  /** Applied, and then again, which must change nothing, in two exchanges. */
  const make = async (desired: Record<string, unknown>, options: object = {}): Promise<string[]> => {
    const first = await run(desired, options)
    expect(first.errors).toEqual([])
    const again = await run(desired, options)
    expect([summaries(again), again.hosts[0]?.exchanges]).toEqual([[], 2])
    return summaries(first)
  }
  const installed = async (): Promise<string> => (await machine.run("dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n' aaa bbb ccc apache2-test fish 'many*' 2>/dev/null | sed -n 's/ installed$//p'")).trim()
  const remembered = async (): Promise<string[]> => Object.keys((JSON.parse(await machine.run('cat /var/lib/chaos/state/packages.json')) as { items: object }).items)

  beforeAll(async () => {
    machine = await startMachine()
    on = onMachine(machine)
    await machine.run(`${publish(REPOSITORY)}\n${REFRESH}`)
  })
  beforeEach(async () => {
    await machine.run("rm -rf /var/lib/chaos; apt-mark unhold aaa ccc >/dev/null 2>&1; dpkg --purge bbb aaa ccc apache2-test fish $(dpkg-query -W -f '${Package} ' 'many*') >/dev/null 2>&1; true")
  })
  afterAll(async () => {
    await on?.close()
    await machine?.close()
  })

  test('a list of names is installed by one operation, with the shells of users, and what is known elsewhere by another name', async () => {
    const desired = { packages: ['aaa=1.0', { name: 'httpd', apt: 'apache2-test' }, { name: 'only-arch', apt: false }, { name: 'ccc', state: 'latest' }], users: [{ name: 'ana', shell: '/bin/fish' }, { name: 'ben', shell: '/usr/sbin/nologin' }] }
    expect(await make(desired)).toEqual(['install aaa 1.0, apache2-test 1.0, ccc 1.0, fish 9'])
    expect(await installed()).toBe('aaa 1.0\napache2-test 1.0\nccc 1.0\nfish 9')
    expect(await remembered()).toEqual(['package:aaa', 'package:apache2-test', 'package:ccc', 'package:fish'])
  })

  test('what the role installed and is no longer declared goes; what somebody else installed stays', async () => {
    await machine.run('apt-get install -y -qq ccc >/dev/null 2>&1')
    await make({ packages: ['aaa', 'ccc', 'many1'] })
    expect(await make({ packages: ['many1'] })).toEqual(['remove aaa'])
    expect(await installed()).toBe('ccc 1.0\nmany1 1.0')
    expect(await remembered()).toEqual(['package:many1'])
    // An emptied list takes away what the role itself added, and nothing else.
    expect(await make({ packages: [] })).toEqual(['remove many1'])
    expect(await installed()).toBe('ccc 1.0')
  })

  test('a key that is absent removes nothing', async () => {
    await make({ packages: ['aaa'] })
    const applied = await run({ baseOverride: ['bbb'], aurHelpers: [] })
    expect([applied.errors, summaries(applied), kept(applied)]).toEqual([[], [], []])
    expect(await installed()).toBe('aaa 2.0')
  })

  test('what others need, hold or marked since is kept, and the plan says why', async () => {
    await make({ packages: ['aaa', 'ccc', 'many1'] })
    await machine.run('apt-get install -y -qq bbb >/dev/null 2>&1; apt-mark hold ccc; apt-mark auto many1')
    const applied = await run({ packages: [] })
    expect(kept(applied)).toEqual(['ccc: it was put on hold since chaos installed it', 'many1: it was marked as a dependency since chaos installed it', 'aaa: bbb needs it'])
    expect(summaries(applied)).toEqual([])
    expect(applied.hosts[0]?.exchanges).toBe(2)
    await machine.run('dpkg --purge bbb >/dev/null; apt-mark unhold ccc; apt-mark manual many1')
    expect(await make({ packages: [] })).toEqual(['remove aaa, ccc, many1'])
    expect(await installed()).toBe('')
  })

  test('what was taken away by hand is forgotten, so that it is nobody else’s when it comes again', async () => {
    await make({ packages: ['aaa', 'ccc'] })
    await machine.run('dpkg --purge ccc >/dev/null')
    expect(await make({ packages: ['aaa'] })).toEqual(['forget it: it is no longer there'])
    expect(await remembered()).toEqual(['package:aaa'])
    await machine.run('apt-get install -y -qq ccc >/dev/null 2>&1')
    expect(await make({ packages: ['aaa'] })).toEqual([])
  })

  test('drift is seen and mended', async () => {
    const desired = { packages: ['aaa', { name: 'ccc', state: 'absent' }] }
    await make(desired)
    await machine.run('dpkg --purge aaa >/dev/null; apt-get install -y -qq ccc >/dev/null 2>&1')
    expect(await make(desired)).toEqual(['install aaa 2.0', 'remove ccc'])
  })

  test('exclusive takes away what somebody asked for and nobody declares, but nothing that is protected, needed or of the base', async () => {
    await machine.run('apt-get install -y -qq bbb ccc many1 >/dev/null 2>&1')
    const all = (await machine.run('apt-mark showmanual')).trim().split('\n')
    const stay = ['e2fsprogs', 'coreutils', 'libc6-dev'].filter((name) => all.includes(name))
    const baseOverride = all.filter((name) => !['bbb', 'ccc', 'many1', ...stay].includes(name))
    const desired = { packages: { list: ['bbb'], exclusive: true }, baseOverride }
    const dry = await run(desired, { dry: true })
    expect(dry.errors).toEqual([])
    expect(summaries(dry)).toEqual(['remove ccc, many1'])
    await make(desired)
    expect(await installed()).toBe('aaa 2.0\nbbb 1.0')
    expect((await machine.run('apt-mark showmanual')).trim().split('\n')).toEqual(expect.arrayContaining([...stay, 'bbb']))
  })

  test('more than ten removals are asked for, and without anybody to ask they are an error that changes nothing', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `many${index}`)
    await make({ packages: many })
    const { errors } = await run({ packages: [] })
    expect(errors[0]).toMatchObject({ code: 'TOO_MANY_REMOVALS', message: expect.stringContaining('12 things') })
    expect((await installed()).split('\n')).toHaveLength(12)
    await make({ packages: [] }, { maxRemovals: 12 })
    expect(await installed()).toBe('')
  })

  test('a repository, what it brings, and an upgrade are one run; then there is nothing to do', async () => {
    await machine.run(publish([{ name: 'from-elsewhere' }, { name: 'aaa', version: '3.0' }], { folder: '/srv/elsewhere', only: false }))
    await make({ packages: ['aaa'] })
    const desired = { packages: { list: ['from-elsewhere', 'aaa'], upgrade: true, repositories: [{ name: 'elsewhere', uris: 'file:/srv/elsewhere', suites: './', trusted: true }] } }
    const dry = await run(desired, { dry: true })
    expect(dry.plan.hosts[0]?.roles[0]?.operations.map(({ operation, reason, verdict }) => `${operation}: ${reason ?? verdict}`)).toEqual([
      'apt.repository: change', 'apt.update: after apt.repository elsewhere', 'server.packages: after apt.repository elsewhere', 'apt.upgrade: same',
    ])
    await make(desired)
    expect(await machine.run("dpkg-query -W -f '${Package} ${Version}\\n' aaa from-elsewhere")).toBe('aaa 3.0\nfrom-elsewhere 1.0\n')
    await machine.run('dpkg --purge from-elsewhere >/dev/null')
    await make({ packages: { list: [], repositories: [{ name: 'elsewhere', present: false }] } })
    expect(await machine.run('ls /etc/apt/sources.list.d')).toBe('test.sources\n')
  })

  test('keys of Arch are an error on Debian that says so', async () => {
    const { errors } = await run({ packages: ['aaa'], aurPackages: ['google-chrome'] })
    expect(errors[0]).toMatchObject({ code: 'AUR_WITHOUT_PACMAN', message: '@machine/root has no pacman, and aurPackages and aurHelpers are for Arch.' })
    expect(await installed()).toBe('')
  })

  test('a list of packages that cannot be read fails the role, and removes nothing', async () => {
    await make({ packages: ['aaa'] })
    await machine.run('mv /usr/bin/dpkg-query /usr/bin/dpkg-query.away')
    try {
      const { errors } = await run({ packages: { list: [], exclusive: true } })
      expect(errors[0]).toMatchObject({ code: 'FACT_FAILED', message: expect.stringContaining('apt.') })
    } finally {
      await machine.run('mv /usr/bin/dpkg-query.away /usr/bin/dpkg-query')
    }
    expect(await installed()).toBe('aaa 2.0')
  })

  test('as an ordinary user it works through sudo', async () => {
    const other = await startMachine({ users: { ana: {} }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\n' })
    const there = onMachine(other)
    try {
      await other.run(`${publish([{ name: 'aaa' }])}\n${REFRESH}`)
      const applied = await there.apply([], { user: 'ana', roles: { packages: role }, desired: { packages: ['aaa'] } })
      expect(applied.errors).toEqual([])
      expect(await other.run("dpkg-query -W -f '${Version}' aaa")).toBe('1.0')
    } finally {
      await there.close()
      await other.close()
    }
  })
})
