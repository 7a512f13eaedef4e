import { sh } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { applyOver, made } from './over-ssh.ts'
import type { HostKeys } from './over-ssh.ts'

/**
 * A machine that may be started anew, as the data of a host, in JSON: `{"ssh_hostname": "127.0.0.1", "ssh_port": 2397, …}`.
 * Opt-in, because a real one takes its time, and an emulated one minutes. What its /tmp holds must not outlive a boot.
 */
const given = process.env['CHAOS_TEST_REBOOT']

describe.skipIf(given === undefined)(`a real machine${given === undefined ? ' (CHAOS_TEST_REBOOT is not set)' : ''}`, { timeout: 600_000 }, () => {
  it('that is started anew in mid-change comes back as such: what it was doing is unknown, nothing behind it ran, and the next run goes on', async () => {
    const data: HostKeys = { ssh_connect_retries: 100, ssh_connect_retry_min_delay: 2, ssh_connect_retry_max_delay: 4, ssh_connect_timeout: 20, ssh_keepalive: 5, ...(JSON.parse(given ?? '{}') as HostKeys) }
    const applied = await applyOver(data, [made({ name: 'a', how: sh`(sleep 1; reboot) >/dev/null 2>&1 & sleep 600` }), made({ name: 'b' })])
    expect(applied.of('warning').map(({ code }) => code)).toEqual(['CONNECTION_LOST', 'HOST_REBOOTED'])
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', operations: { unknown: 1, skipped: 1 }, error: { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('started anew') } })
    // The lock of the boot before is nobody's.
    const next = await applyOver(data, [made({ name: 'b' })])
    expect(next.hosts[0]).toMatchObject({ state: 'changed', operations: { changed: 1 } })
  })
})
