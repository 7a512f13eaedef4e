import { once } from 'node:events'
import { noPodman, pluginContext } from '@chaos/testkit'
import { sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import podman from '../src/index.ts'
import { openPodman, say, startTarget } from './support.ts'
import type { Target } from './support.ts'

const reason = noPodman()
// Each command starts several programs, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })
let target: Target

const NAMES = ['one', 'two', 'three'] as const
/** Services that run there, in a shell's eyes: not the one who looks. */
const SERVICES = "pgrep -f 'podman [s]ystem service' -c || :"
/** What is left of them in the end: folders, services, and what waits behind programs that were run. A container's own conmon stays. */
const LEFT = `ls -d /tmp/chaos-podman-* 2>/dev/null; ${SERVICES}; for each in $(pgrep -x conmon); do tr '\\0' ' ' </proc/$each/cmdline; echo; done 2>/dev/null | grep -c -- '--exec-attach'`
const NOTHING = '0\n0\n'

async function soon(script: string, wanted: string): Promise<void> {
  await expect.poll(() => target.machine.run(`${script}; :`), { timeout: 20_000, interval: 100 }).toBe(wanted)
}

const execsOf = (name: string): Promise<string> => target.podman('container', 'inspect', '--format', '{{.ExecIDs}}', name)

describe.skipIf(reason !== undefined)(`a service of podman${reason === undefined ? '' : ` (${reason})`}`, () => {
  beforeAll(async () => {
    target = await startTarget()
    await target.image('busybox')
    for (const name of NAMES) await target.podman('run', '--detach', '--name', name, '--network', 'none', 'busybox', 'sleep', '1000')
  })
  afterEach(() => soon(LEFT, NOTHING))
  afterAll(() => target?.close())

  async function openOn(base: Connection, argument: string, context = pluginContext(), data: Record<string, unknown> = {}): Promise<Connection> {
    return podman.open!({ host: `@podman/${argument}`, argument, data, below: [] }, { ...context, base })
  }

  it('is one for all containers of a machine, lasts until the last is left, and then leaves nothing, in podman’s database neither', async () => {
    const [base, context] = [await target.base(), pluginContext()]
    const connections = await Promise.all(NAMES.map((name) => openOn(base, name, context)))
    expect(await target.machine.run(SERVICES)).toBe('1\n')
    expect(await Promise.all(connections.map((each) => say(each, 'hostname >/dev/null && echo on')))).toEqual(['on', 'on', 'on'])
    const [first, ...others] = connections as [Connection, ...Connection[]]
    await Promise.all(others.map((each) => each.close({ outcome: 'done' })))
    expect([await target.machine.run(SERVICES), await say(first, 'echo still')]).toEqual(['1\n', 'still'])
    await first.close({ outcome: 'done' })
    await soon(LEFT, NOTHING)
    for (const name of NAMES) await expect.poll(() => execsOf(name), { timeout: 20_000 }).toBe('[]\n')
    await base.close({ outcome: 'done' })
  })

  it('can be read by nobody else, and is asked instead of a program', async () => {
    const connection = await openPodman(target, 'one')
    const running = await connection.spawn(sh`echo on; cat`)
    await once(running.stdout, 'data')
    expect(await target.machine.run("stat -c '%a %u' /tmp/chaos-podman-*; pgrep -f 'podman [e]xec' -c || :")).toBe('700 0\n0\n')
    running.stdin.end()
    await running.exit
    await connection.close({ outcome: 'done' })
  })

  it('ends with a chaos that is killed, whatever still waits for its input in containers', async () => {
    const base = await target.base()
    const ends: (() => void)[] = []
    const killed: Connection = {
      ...base,
      async spawn(...args) {
        const process = await base.spawn(...args)
        ends.push(() => process.stdin.destroy())
        return process
      },
      async dial(to) {
        const stream = await base.dial!(to)
        ends.push(() => stream.destroy())
        return stream
      },
    }
    const connection = await openOn(killed, 'one')
    const running = await connection.spawn(sh`echo on; cat`)
    await once(running.stdout, 'data')
    // All that a process has open is closed when it is killed.
    for (const end of ends) end()
    await soon(LEFT, NOTHING)
    await expect(connection.spawn(sh`echo on`)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await connection.close({ outcome: 'aborted' })
    await base.close({ outcome: 'aborted' })
  })

  it('that ends in mid-run is a lost connection, and the next one has another', async () => {
    const [base, context] = [await target.base(), pluginContext()]
    const connection = await openOn(base, 'one', context)
    const running = await connection.spawn(sh`echo on; cat`)
    await once(running.stdout, 'data')
    await target.machine.run("pkill -KILL -f 'podman [s]ystem service'")
    await expect(running.exit).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' })
    await expect(connection.spawn(sh`echo on`)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    const again = await openOn(base, 'one', context)
    expect(await say(again, 'echo again')).toBe('again')
    await Promise.all([connection, again].map((each) => each.close({ outcome: 'done' })))
    await base.close({ outcome: 'done' })
  })

  it('is not needed: where podman starts none, its program does all of it', async () => {
    await target.machine.run("mkdir -p /opt/old; printf '#!/bin/sh\\n[ \"$1\" = system ] && exit 125\\nexec /usr/bin/podman \"$@\"\\n' >/opt/old/podman; chmod 755 /opt/old/podman")
    const base = await target.base()
    const connection = await openOn({ ...base, spawn: (command, options) => base.spawn(sh`PATH=/opt/old:$PATH; export PATH; ${command}`, options) }, 'one')
    expect([await target.machine.run(SERVICES), await say(connection, 'echo on')]).toEqual(['0\n', 'on'])
    await connection.close({ outcome: 'done' })
    await base.close({ outcome: 'done' })
  })

  it('is not needed: where its socket may not be dialled, the program does all of it', async () => {
    const base = await target.base()
    const connection = await openOn({ ...base, dial: () => Promise.reject(new Error('no tunnels')) }, 'one')
    expect([await target.machine.run(SERVICES), await say(connection, 'echo on')]).toEqual(['0\n', 'on'])
    await connection.close({ outcome: 'done' })
    await base.close({ outcome: 'done' })
  })

  it('of somebody else, at podman_url, is used and goes on, and nothing waits behind what was run', async () => {
    // It has a file before it listens (flag 00010000).
    await target.machine.run('podman system service --time 0 unix:///run/theirs.sock >/dev/null 2>&1 & echo $! >/run/theirs.pid; until grep -q " 00010000 .* /run/theirs.sock$" /proc/net/unix; do sleep 0.05; done')
    const connection = await openPodman(target, 'two', { podman_url: 'unix:///run/theirs.sock' })
    expect(await say(connection, 'echo on')).toBe('on')
    await connection.close({ outcome: 'done' })
    await soon(LEFT, '1\n0\n')
    await target.machine.run('kill "$(cat /run/theirs.pid)"')
  })
})
