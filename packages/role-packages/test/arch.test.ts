import type { Applied } from '@chaos/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noPacman, startArch } from '../../operations/test/support/arch.ts'
import type { Arch } from '../../operations/test/support/arch.ts'
import { onMachine } from '../../operations/test/support/on-machine.ts'
import type { OnMachine } from '../../operations/test/support/on-machine.ts'
import role from '../src/index.ts'

const missing = noPacman()

describe.skipIf(missing)(`packages of a Ch-obolo on Arch, with a real pacman${missing ? ` (${missing})` : ''}`, () => {
  let machine: Arch
  let on: OnMachine
  const run = (desired: Record<string, unknown>, options: object = {}): Promise<Applied> => on.apply([], { roles: { packages: role }, desired, ...options })
  const summaries = ({ plan }: Applied): string[] => plan.hosts.flatMap(({ roles }) => roles.flatMap(({ operations }) => operations.flatMap(({ changes }) => changes.map(({ summary }) => summary))))
  /** Applied, and then again, which must change nothing, in two exchanges. */
  const make = async (desired: Record<string, unknown>): Promise<string[]> => {
    const first = await run(desired)
    expect(first.errors).toEqual([])
    const again = await run(desired)
    expect([again.errors, summaries(again), again.hosts[0]?.exchanges]).toEqual([[], [], 2])
    return summaries(first)
  }

  beforeEach(async () => {
    machine = await startArch()
    on = onMachine(machine)
    await machine.run('pacman -Sy')
  })
  afterEach(async () => {
    await on.close()
    await machine.close()
  })

  test('a Ch-obolo of the Python tool is installed, and the second run changes nothing', async () => {
    await make({ packages: ['app', 'extra'], baseOverride: [] })
    expect(await machine.installed()).toEqual(['app 1.0-1', 'extra 1.0-1', 'libapp 1.0-1', 'libbase 1.0-1'])
  })

  test('what the role installed and is no longer declared goes, what others installed stays, and drift is mended', async () => {
    await machine.run('pacman -S --noconfirm mail-a')
    await make({ packages: ['app', 'extra', 'mail-a'] })
    await machine.run('pacman -R --noconfirm app')
    await make({ packages: ['app', 'extra', 'mail-a'] })
    await make({ packages: ['app'] })
    expect(await machine.installed()).toEqual(expect.arrayContaining(['app 1.0-1', 'mail-a 1-1']))
    expect(await machine.installed()).not.toContain('extra 1.0-1')
  })

  test('an absent key removes nothing, and neither does an empty list remove what others installed', async () => {
    await machine.run('pacman -S --noconfirm app')
    expect(summaries(await run({}))).toEqual([])
    expect(await make({ packages: [] })).toEqual([])
    expect(await machine.installed()).toContain('app 1.0-1')
  })

  test('exclusive removes what nobody declares, but not what is protected', async () => {
    await machine.run('pacman -S --noconfirm app openssh extra')
    await make({ packages: { list: ['app'], exclusive: true } })
    expect(await machine.installed()).toEqual(['app 1.0-1', 'libapp 1.0-1', 'libbase 1.0-1', 'openssh 9.0-1'])
  })

  test('a dry run leaves the machine as it was, its lists of packages too', async () => {
    const look = (): Promise<string> => machine.run("find /var/lib/pacman /var/cache/pacman -exec stat -c '%n %Y %s' {} + | sort")
    const before = await look()
    expect(summaries(await run({ packages: ['app', { name: 'extra', state: 'latest' }] }, { dry: true }))).not.toEqual([])
    expect(await look()).toBe(before)
  })

  test('a database that cannot be read fails the role with the reason, and never looks like nothing installed', async () => {
    await machine.run('pacman -S --noconfirm app && printf "[options\\n" >/etc/pacman.conf')
    const { errors, plan } = await run({ packages: ['app'] })
    expect([errors[0]?.code, summaries({ plan } as Applied)]).toEqual(['FACT_FAILED', []])
    expect(errors[0]?.message).toMatch(/pacman/)
  })
})
