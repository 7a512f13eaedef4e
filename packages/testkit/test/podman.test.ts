import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { installPodman, noPodman, startMachine } from '../src/index.ts'

const reason = noPodman()
/** Milliseconds that a container may take to start on a busy machine. */
const SLOW = 240_000

/** By find, which goes on where a folder of others has gone meanwhile. */
function foldersIn(folder: string, name: string): string[] {
  return spawnSync('find', [folder, '-name', `*${name}*`], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout.split('\n').filter(Boolean)
}

/** Processes that name a container, and control groups that are called after it. */
function leftOf(id: string): string[] {
  const processes = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(id)
    } catch {
      return false
    }
  })
  const groups = readFileSync('/proc/mounts', 'utf8').split('\n').map((line) => line.split(' ')).filter(([, , type]) => type?.startsWith('cgroup'))
  return [...processes, ...groups.flatMap(([, folder = '']) => foldersIn(folder, id))]
}

describe.skipIf(reason !== undefined)(`podman on a throw-away machine${reason === undefined ? '' : ` (${reason})`}`, () => {
  it('runs containers, and leaves no process and no control group behind', async () => {
    const machine = await startMachine()
    try {
      const podman = await installPodman(machine)
      await podman.image('team/busybox:1', { changes: ['USER ana'], without: ['tail'] })
      const id = (await podman.podman('run', '--detach', '--network', 'none', 'team/busybox:1', 'sleep', '1000')).trim()
      expect(await podman.podman('exec', id, 'sh', '-c', 'id -un; test -e /bin/tail || echo none')).toBe('ana\nnone\n')
      expect(leftOf(id).length).toBeGreaterThan(1)
      await podman.close()
      expect(leftOf(id)).toEqual([])
    } finally {
      await machine.close()
    }
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain('chaos-podman')
  }, SLOW)
})
