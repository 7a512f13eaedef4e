import { defineRole, sh } from '@chaos/core'
import type { Op } from '@chaos/core'
import { files } from '@chaos/operations'
import { applyWith, noDebian, startDebian } from '@chaos/testkit'
import type { Debian } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../../engine/src/index.ts'
import local from '../../../connector-local/src/index.ts'
import connector from '../../src/index.ts'
import { plain, risky } from './support.ts'

const reason = noDebian()
const restart = (): Op => risky({ name: 'restart ssh', command: sh`systemctl restart ssh`, undo: sh`systemctl restart ssh` })

describe.skipIf(reason !== undefined)(`the access guard under systemd${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, () => {
  let debian: Debian

  beforeAll(async () => {
    debian = await startDebian({ systemd: true })
  }, 600_000)
  afterAll(() => debian?.close())

  const apply = async (steps: readonly Op[], guard = 30): Promise<{ guard: Extract<EngineEvent, { type: 'guard' }>[]; outcome: string }> => {
    const applied = await applyWith({
      roles: { test: defineRole(() => steps) },
      hosts: [debian.ssh ?? ''],
      load: async (_, name) => ({ ssh: connector, local })[name],
      guard,
    })
    return { outcome: applied.end.outcome, guard: (applied.events as EngineEvent[]).filter((event) => event.type === 'guard').filter(({ state }) => !['asking', 'undoing'].includes(state)) }
  }
  const units = (): Promise<string> => debian.run("systemctl list-units --all --plain --no-legend 'chaos-guard*'; ls /run/chaos 2>/dev/null || :")

  it('the watcher is a unit of its own, apart from the session, and gone with the confirmation', async () => {
    const steps = [risky({ name: 'look', command: sh`systemctl list-units --plain --no-legend 'chaos-guard*' >/tmp/units; sleep 1` }), plain({ name: 'after', command: sh`true` })]
    expect(await apply(steps)).toMatchObject({ outcome: 'done', guard: [{ state: 'armed' }, { state: 'confirmed' }] })
    expect(await debian.run('cat /tmp/units')).toMatch(/^chaos-guard-\S+\.service +loaded active running/)
    expect(await units()).toBe('')
  })

  it('a configuration that shuts us out with the restart of ssh is taken back, and ssh is restarted with the old one', async () => {
    const before = await debian.run('cat /etc/ssh/sshd_config')
    const { outcome, guard } = await apply([files.put({ path: '/etc/ssh/sshd_config', content: `AllowUsers nobody\n${before}` }), restart()])
    expect([outcome, guard.map(({ state }) => state)]).toEqual(['failed', ['armed', 'undone']])
    expect(await debian.run('cat /etc/ssh/sshd_config')).toBe(before)
    expect((await apply([plain({ name: 'look', command: sh`true` })])).outcome).toBe('done')
    expect(await units()).toBe('')
  })

  it('ssh that is stopped is started again', async () => {
    const { outcome, guard } = await apply([risky({ name: 'stop ssh', command: sh`systemctl stop ssh`, undo: sh`systemctl start ssh` })], 8)
    expect([outcome, guard.map(({ state }) => state)]).toEqual(['failed', ['armed', 'undone']])
    expect(guard[1]).toMatchObject({ taken: [{ what: 'systemctl start ssh', done: true }] })
    expect(await debian.run('systemctl is-active ssh')).toBe('active\n')
    expect(await units()).toBe('')
  })
})
