import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { noDocker, startDocker } from '../src/index.ts'
import { leftOf } from './left-of.ts'
import { startProgram } from './program.ts'

const reason = noDocker()

// A program that has an engine with a container, and is killed.
const KILLED = `
const engine = await (await load('docker.ts')).startDocker()
await engine.image('busybox')
await engine.docker('run', '--detach', '--network', 'none', 'busybox', 'sleep', '1000')
console.log(engine.socket)
setInterval(() => {}, 1000)`

/** What an engine could leave on a machine. */
function machine(): Record<string, unknown> {
  return {
    links: readFileSync('/proc/net/dev', 'utf8').split('\n').map((line) => line.split(':')[0]),
    forward: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    rules: existsSync('/usr/sbin/iptables-save') ? execFileSync('/usr/sbin/iptables-save', { encoding: 'utf8' }).replaceAll(/\[\d+:\d+\]|^#.*$/gm, '') : '',
  }
}

describe.skipIf(reason !== undefined)(`a throw-away Docker engine${reason === undefined ? '' : ` (${reason})`}`, () => {
  test('runs images of busybox, has no other, and everything is gone after close, also what runs', async () => {
    const before = machine()
    const engine = await startDocker()
    try {
      expect(await engine.docker('images', '--quiet')).toBe('')
      await engine.image('team/box:1', { changes: ['USER ana', 'CMD ["id", "-un"]'] })
      expect(await engine.docker('run', '--rm', '--network', 'none', 'team/box:1')).toBe('ana\n')
      await engine.docker('run', '--detach', '--network', 'host', 'team/box:1', 'sleep', '1000')
      await expect(engine.docker('run', '--rm', '--network', 'none', 'team/box:1', 'nosuch')).rejects.toThrow('nosuch')
    } finally {
      await engine.close()
    }
    expect(leftOf(path.dirname(engine.socket))).toEqual([])
    expect(machine()).toEqual(before)
  })

  test('goes with a test that is killed', { timeout: 240_000 }, async () => {
    const { child, line } = startProgram(KILLED)
    const socket = await line()
    child.kill('SIGKILL')
    await vi.waitFor(() => expect(leftOf(path.dirname(socket))).toEqual([]), { timeout: 100_000, interval: 100 })
  })
})
