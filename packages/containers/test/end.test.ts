import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { END } from '../src/process/end.ts'

const shells = [['dash'], ['bash'], ['busybox', 'sh'], ['mksh']] as const
const has = (program: string, ...args: readonly string[]): boolean => spawnSync(program, [...args, '-c', ':']).status === 0

/** Processes of this machine, zombies excepted, that carry this mark in their arguments. */
function marked(mark: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '') && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(mark)
    } catch {
      return false
    }
  })
}

describe.skipIf(process.platform !== 'linux')('ending what was started', () => {
  for (const [program, ...args] of shells) it.skipIf(!has(program, ...args))(`leaves nothing of it, and ends nothing else, with ${program} (needs ${program})`, async () => {
    const mark = `mark${process.pid}${program}`
    const stubborn = `trap '' TERM HUP; (sh -c 'while :; do sleep 1; done; : ${mark}'; :) & (setsid sh -c 'sleep 100; : ${mark}' & wait) & echo ready; while :; do sleep 1; done; : ${mark}`
    const [leader, other] = [stubborn, `echo ready; sleep 100; : ${mark}other`].map((text) => spawn('sh', ['-c', text], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] }))
    await Promise.all([leader, other].map((each) => once(each!.stdout, 'data')))
    while (marked(mark).length < 4) await new Promise((resolve) => setTimeout(resolve, 5))
    try {
      execFileSync(program, [...args, '-c', END.text, 'sh', String(leader!.pid)])
      const [left, ...more] = marked(mark).map(Number)
      expect([left, more]).toEqual([other!.pid, []])
      // What is gone already is no error.
      execFileSync(program, [...args, '-c', END.text, 'sh', String(leader!.pid)])
    } finally {
      process.kill(-other!.pid!, 'SIGKILL')
    }
  })

  it('has nothing to do where nothing runs', () => {
    expect(spawnSync('sh', ['-c', END.text, 'sh', '999999999']).status).toBe(0)
  })
})
