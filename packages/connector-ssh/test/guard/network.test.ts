import { sh } from '@chaos/core'
import { files } from '@chaos/operations'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hostData } from '../failures/over-ssh.ts'
import { guarded, leftOf, risky } from './support.ts'

const reason = noSshd()

/** Signs of life each second: a dead link is seen after about four. */
const over = (sshd: Sshd): Readonly<Record<string, unknown>> => hostData(sshd, { ssh_keepalive: 1, ssh_connect_timeout: 5, ssh_connect_retries: 2 })

describe.skipIf(reason !== undefined)(`a network that is cut${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, () => {
  let sshd: Sshd

  beforeEach(async () => {
    sshd = await startSshd({ network: true })
  })
  afterEach(() => sshd?.close())

  it('comes back by the timer on the machine alone, and the run says what was taken back', async () => {
    const down = risky({ name: 'eth0 down', command: sh`ip link set eth0 down`, undo: sh`ip link set eth0 up` })
    const { guard, errors, end, operations } = await guarded(sshd, { user: 'root', steps: [down], guard: 8, data: over(sshd) })
    expect(guard.map(({ state }) => state)).toEqual(['armed', 'undone'])
    expect(guard[1]).toMatchObject({ taken: [{ what: 'ip link set eth0 up', done: true }] })
    expect([errors[0]?.code, end.outcome, operations]).toEqual(['GUARD_UNDONE', 'failed', ['test.risky eth0 down: failed']])
    expect(await leftOf(sshd)).toBe('')
  })

  it('that never comes back is said to be lost, and the run ends', async () => {
    const down = risky({ name: 'eth0 down', command: sh`ip link set eth0 down` })
    const steps = [files.put({ path: '/etc/network/chaos', content: 'x\n' }), down]
    const run = guarded(sshd, { user: 'root', steps, guard: 2, data: over(sshd) })
    const { guard, errors, hosts } = await run
    expect(guard.map(({ state }) => state)).toEqual(['armed', 'lost'])
    expect([errors[0]?.code, hosts[0]?.state]).toEqual(['ACCESS_LOST', 'unreachable'])
    // The machine has taken back what it could.
    expect(await sshd.run('ls /etc/network/chaos 2>/dev/null || :')).toBe('')
  }, 300_000)

  it('that was gone for a moment is confirmed when it is back', async () => {
    const flap = risky({ name: 'eth0 down and up', command: sh`ip link set eth0 down; sleep 4; ip link set eth0 up`, undo: sh`touch /tmp/undone` })
    const { guard } = await guarded(sshd, { user: 'root', steps: [flap], guard: 40, data: over(sshd) })
    expect(guard.map(({ state }) => state)).toEqual(['armed', 'confirmed'])
    expect(await sshd.run('ls /tmp/undone 2>/dev/null || :')).toBe('')
  })
})
