import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { facts } from '@chaos/operations'
import { draw, fakeHost, given, roleSuite } from '@chaos/testkit'
import timezone from 'chaos-role-timezone'

roleSuite({ name: 'timezone', role: timezone, cases: [], describe, it })

const entry = { mode: '0644', uid: 0, gid: 0, user: 'root', group: 'root', size: 0, mtime: 0 }
const host = (target) => fakeHost({
  facts: [
    given(facts.stat('/usr/share/zoneinfo/Europe/Berlin'), { ...entry, type: 'file' }),
    given(facts.stat('/etc/localtime'), { ...entry, type: 'link', target }),
    given(facts.stat, () => null),
  ],
})

it('links the zone', async () => {
  const { titles, operations } = await draw(timezone, host('/usr/share/zoneinfo/Etc/UTC'), { timezone: 'Europe/Berlin' })
  assert.deepEqual([titles, operations[0].args.target], [['files.link /etc/localtime'], '/usr/share/zoneinfo/Europe/Berlin'])
})

it('has nothing to do where it is linked', async () => {
  const { operations, delta } = await draw(timezone, host('/usr/share/zoneinfo/Europe/Berlin'), { timezone: 'Europe/Berlin' })
  assert.deepEqual([operations, delta], [[], {}])
})

it('refuses a zone that the machine does not know, and one that is none', async () => {
  await assert.rejects(draw(timezone, host('/usr/share/zoneinfo/Etc/UTC'), { timezone: 'Europe/Berlni' }), { code: 'TIMEZONE_UNKNOWN' })
  await assert.rejects(draw(timezone, host('/usr/share/zoneinfo/Etc/UTC'), { timezone: '../../etc/passwd' }))
})
