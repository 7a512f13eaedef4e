import type { HostReference } from '@chaos/core'
import { noDebian } from '@chaos/testkit'
import type { Debian } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noAnsible, playbook } from './ansible.ts'
import { difference, look } from './subjects.ts'
import { BEFORE, SYSTEM, TASKS } from './twins.ts'
import { NOTHING, applySystem, outcomeOf, startSystem } from './whole-systems.ts'

/** What chaos leaves (+) and Ansible leaves (-), on purpose. */
const BY_DESIGN = {
  // Ansible keeps its temporary files there.
  leftovers: ['- .ansible'],
}

const reason = noDebian() ?? noAnsible()

describe.skipIf(reason !== undefined)(`twins, one by Ansible's modules${reason === undefined ? '' : ` (${reason})`}`, { timeout: 600_000 }, () => {
  let ours: Debian
  let theirs: Debian
  beforeAll(async () => {
    const packages = ['python3-apt', 'python3-minimal']
    ours = await startSystem(packages)
    theirs = await startSystem(packages)
    await Promise.all([ours.run(BEFORE), theirs.run(BEFORE)])
  }, 600_000)
  afterAll(() => Promise.all([ours?.close(), theirs?.close()]))

  test('end up the same', async () => {
    const before = await look(ours)
    expect(outcomeOf(await applySystem(SYSTEM, { host: ours.ssh as HostReference }))).toMatchObject({ errors: [], state: 'changed' })
    expect((await playbook(theirs.ssh as HostReference, TASKS)).changes).toEqual(TASKS.map(({ name }) => name).filter((name) => name !== 'cron'))

    const [one, other] = [await look(ours), await look(theirs)]
    expect(one).not.toEqual(before)
    expect(difference(other, one)).toEqual(BY_DESIGN)
  })

  test('are left alone by a second run of either', async () => {
    const before = [await look(ours), await look(theirs)]
    expect(outcomeOf(await applySystem(SYSTEM, { host: ours.ssh as HostReference }))).toEqual(NOTHING)
    expect((await playbook(theirs.ssh as HostReference, TASKS)).changed).toBe(0)
    expect([await look(ours), await look(theirs)]).toEqual(before)
  })
})
