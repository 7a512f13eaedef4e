import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { noDocker, startDocker } from '../src/index.ts'

const reason = noDocker()

// A program that has an engine with a container, and is killed.
const sources = fileURLToPath(new URL('../src/targets/docker.ts', import.meta.url))
const KILLED = `
import { createRequire } from 'node:module'
const vitest = createRequire(process.argv[1]).resolve('vitest/package.json')
const { runnerImport } = await import(createRequire(vitest).resolve('vite'))
const { startDocker } = (await runnerImport(process.argv[1])).module
const engine = await startDocker()
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

/** Its processes and control groups. */
function leftOf(folder: string): string[] {
  const processes = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
  const groups = existsSync('/sys/fs/cgroup') ? ['', ...readdirSync('/sys/fs/cgroup')].map((name) => path.join('/sys/fs/cgroup', name, path.basename(folder))).filter((each) => existsSync(each)) : []
  return [...processes, ...groups, ...(existsSync(folder) ? [folder] : [])]
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

  test('goes with a test that is killed', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', KILLED, sources], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [socket] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    child.kill('SIGKILL')
    await vi.waitFor(() => expect(leftOf(path.dirname(socket))).toEqual([]), { timeout: 25_000, interval: 100 })
  })
})
