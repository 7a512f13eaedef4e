import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '@chaos/core'
import { lockError, releaseLock, takeLock } from '../../src/run/lock.ts'

let folder: string
let lock: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-lock-'))
  chmodSync(folder, 0o1777)
  lock = join(folder, 'chaos')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const owner = (run: string) => ({ run, controller: 'ana@desk', pid: 7 })

function sh({ text }: Command, user?: number): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('/bin/sh', ['-c', text], { cwd: '/', ...(user === undefined ? {} : { uid: user, gid: user }) })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}

describe('the lock on a machine', () => {
  test('several names of one machine take it in one run at the same time, and the last one gives it back', async () => {
    const hosts = Array.from({ length: 12 }, (_, index) => `web${index}`)
    const taken = await Promise.all(hosts.map((host) => sh(takeLock(owner('run1'), host, lock))))
    expect(taken.map(({ code }) => code)).toEqual(hosts.map(() => 0))
    expect(readdirSync(lock).toSorted()).toEqual([...hosts.map((host) => `of-${host}`), 'owner'].toSorted())
    for (const host of hosts) {
      expect(existsSync(lock)).toBe(true)
      await sh(releaseLock(owner('run1'), host, lock))
    }
    expect(existsSync(lock)).toBe(false)
  })

  test('of several runs at the same time one has it, and the others are told whose it is', async () => {
    const runs = Array.from({ length: 8 }, (_, index) => `run${index}`)
    const taken = await Promise.all(runs.map((run) => sh(takeLock(owner(run), 'web', lock))))
    const winner = taken.findIndex(({ code }) => code === 0)
    expect(taken.filter(({ code }) => code === 0)).toHaveLength(1)
    for (const { code, stdout, stderr } of taken.filter((each) => each.code !== 0)) {
      expect(lockError(code as number, stdout, stderr, 'web')).toMatchObject({ code: 'LOCKED', details: { run: runs[winner], controller: 'ana@desk' } })
    }
  })

  test.skipIf(process.getuid?.() !== 0)('another user of the machine shares it in the same run, whoever came first (needs root)', async () => {
    const nobody = 65_534
    expect(await sh(takeLock(owner('run1'), 'by-root', lock))).toMatchObject({ code: 0 })
    expect(await sh(takeLock(owner('run1'), 'by-nobody', lock), nobody)).toMatchObject({ code: 0, stderr: '' })
    await sh(releaseLock(owner('run1'), 'by-nobody', lock), nobody)
    expect(existsSync(lock)).toBe(true)
    await sh(releaseLock(owner('run1'), 'by-root', lock))
    expect(existsSync(lock)).toBe(false)

    expect(await sh(takeLock(owner('run2'), 'by-nobody', lock), nobody)).toMatchObject({ code: 0 })
    expect(await sh(takeLock(owner('run2'), 'by-root', lock))).toMatchObject({ code: 0 })
    await sh(releaseLock(owner('run2'), 'by-root', lock))
    expect(existsSync(lock)).toBe(true)
    await sh(releaseLock(owner('run2'), 'by-nobody', lock), nobody)
    expect(existsSync(lock)).toBe(false)
  })

  test('one that nobody wrote their name into is taken over when it is old', async () => {
    mkdirSync(lock)
    const past = new Date(Date.now() - 10 * 60_000)
    utimesSync(lock, past, past)
    expect(await sh(takeLock(owner('run1'), 'web', lock))).toMatchObject({ code: 0 })
  })
})
