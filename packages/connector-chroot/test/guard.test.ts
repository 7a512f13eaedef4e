import { applyWith, noSshd, startMachine } from '@chaos/testkit'
import type { Machine } from '@chaos/testkit'
import { defineConnector, defineRole } from '@chaos/core'
import { files } from '@chaos/operations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import chroot from '../src/index.ts'
import { makeRoot, noBusybox, onMachine } from './support.ts'

const reason = noSshd() ?? noBusybox()

describe.skipIf(reason !== undefined)(`the access guard in a root${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await startMachine()
    await machine.run(`(${makeRoot('/srv/root')})`)
  })
  afterAll(() => machine?.close())

  it.each([['without /proc', []], ['with the mounts of the machine', ['proc', 'dev', '/run']]] as const)('%s: it confirms by another shell, and leaves no process, no folder and no mount', async (_, binds) => {
    const applied = await applyWith({
      hosts: [{ name: '@chroot/srv/root', data: { chroot_bind: [...binds] } }],
      roles: { test: defineRole(() => [files.put({ path: '/etc/ssh/config', content: `${binds.length}\n` })]) },
      load: async (_kind, name) => (name === 'chroot' ? chroot : defineConnector({ open: () => onMachine(machine) })),
    })
    expect(applied.errors).toEqual([])
    expect(applied.events.flatMap((event) => (event.type === 'guard' ? [event.state] : []))).toEqual(['armed', 'asking', 'confirmed'])
    expect(await machine.run("pgrep -fa '[g]uard-20'; find /run /srv /var/lib -type d -name 'guard-2[0]*'; ls /run/chaos 2>/dev/null; grep /srv/root /proc/self/mountinfo; cat /srv/root/etc/ssh/config")).toBe(`${binds.length}\n`)
  })
})
