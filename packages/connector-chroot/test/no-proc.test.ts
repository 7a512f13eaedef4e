import { applyWith, noSshd, startMachine } from '@chaos/testkit'
import type { Applied, Machine } from '@chaos/testkit'
import { defineConnector, defineOperation, defineRole, script } from '@chaos/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import chroot from '../src/index.ts'
import { makeRoot, noBusybox, onMachine } from './support.ts'

const reason = noSshd() ?? noBusybox()
const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as { text: string } }) } } as const
const act = defineOperation({ name: 'test.act', args: anything, diff: ({ text }) => [{ summary: 'run', do: [{ run: script(text) }] }], action: true })

/** A child with a session of its own, whose parent is ended; in front of it what one meant to start for good. */
const LEAVES = "(setsid sleep 4001 &) ; setsid sleep 4002 & (trap '' TERM; setsid sleep 4003) & : >/tmp/started; sleep 4004"

describe.skipIf(reason !== undefined)(`a root without /proc${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await startMachine()
    await machine.run(`(${makeRoot('/srv/root')}); test ! -e /srv/root/proc/self`)
  })
  afterEach(() => machine.run('pkill -KILL -x sleep; rm -f /srv/root/tmp/*'))
  afterAll(() => machine?.close())

  const sleeping = (): Promise<string> => machine.run("pgrep -fa '[s]leep 400' | sed 's/^[0-9]* //; s/.*sleep/sleep/' | sort; :")
  const run = (options: object, ...commands: readonly (readonly [string, object?])[]): Promise<Applied> =>
    applyWith({
      hosts: ['@chroot/srv/root'],
      roles: { test: defineRole(() => commands.map(([text, common]) => act({ text }, common))) },
      load: async (_, name) => (name === 'chroot' ? chroot : defineConnector({ open: () => onMachine(machine) })),
      ...options,
    })

  it('is left by an aborted run without what it started, also what made a session of its own; a daemon stays', async () => {
    const abort = new AbortController()
    const running = run({ signal: abort.signal, kill: abort.signal }, [LEAVES])
    await expect.poll(() => machine.run('ls /srv/root/tmp'), { timeout: 20_000 }).toContain('started')
    abort.abort()
    expect((await running).end.outcome).toBe('interrupted')
    expect(await sleeping()).toBe('sleep 4001\n')
  })

  it('has nothing left of a command that took too long, and what follows runs', async () => {
    const applied = await run({}, [LEAVES, { timeout: 2, name: 'slow', ignoreErrors: true }], ['echo on >/tmp/on', { name: 'next' }])
    expect(applied.operations).toEqual(['test.act slow: failed', 'test.act next: changed'])
    expect(applied.errors).toMatchObject([{ code: 'CHANGE_TIMEOUT' }])
    expect(await sleeping()).toBe('sleep 4001\n')
    expect(await machine.run('cat /srv/root/tmp/on')).toBe('on\n')
  })
})
