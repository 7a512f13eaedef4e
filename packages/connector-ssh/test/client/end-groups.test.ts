import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { endGroupsText } from '../../src/client/channel/end-groups.ts'

/** Runs a text in a group of its own; it says the processes it started. */
async function start(text: string): Promise<{ own: number; said: number[]; ended: Promise<unknown> }> {
  const child = spawn('/bin/sh', ['-c', text], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  const own = child.pid as number
  onTestFinished(() => {
    try {
      process.kill(-own, 'SIGKILL')
    } catch {
      // It has ended, as it should.
    }
  })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return { own, said: chunk.toString().trim().split(' ').map(Number), ended: once(child, 'exit') }
}

function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const end = (...pids: number[]) => execFileSync('/bin/sh', ['-c', endGroupsText(pids)], { encoding: 'utf8' })

describe.skipIf(process.platform !== 'linux')('the text that ends processes on a host', () => {
  it('ends a group with its leader, what ignores TERM too, and says nothing', async () => {
    const { own, said, ended } = await start(`trap '' TERM; (while :; do sleep 1; done) & echo $$ $!; while :; do sleep 1; done`)
    expect(end(own)).toBe('')
    expect((await ended) as unknown[]).toEqual([null, 'SIGKILL'])
    expect(said.map(runs)).toEqual([false, false])
  })

  it('ends what descends from a process that leads no group, and nothing else of that group', async () => {
    const { own, said, ended } = await start(`sh -c 'sleep 300 & (sleep 300; :) & echo $$ $!; sleep 300; :' & wait; echo on; sleep 0.1`)
    end(said[0] as number)
    expect(said.map(runs)).toEqual([false, false])
    expect(await ended).toEqual([0, null])
    expect(runs(own)).toBe(false)
  })

  it('ends a child that has a session of its own', async () => {
    const { own, said } = await start('setsid sleep 300 & echo $$ $!; wait')
    end(own)
    expect(said.map(runs)).toEqual([false, false])
  })

  it('takes numbers alone', () => {
    expect(endGroupsText([1, 0, -5, Number.NaN, 4711])).toContain('for p in 4711;')
  })
})
