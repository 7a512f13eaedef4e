import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { noDebian, startDebian } from '../src/index.ts'
import { leftOf } from './left-of.ts'
import { startProgram } from './program.ts'

const reason = noDebian()

// As vitest does before the tests of a run, and after them.
const RUN = `
const { default: setup } = await load('../../../../scripts/test-targets.mjs')
const end = setup()
console.log(process.env.CHAOS_TEST_RUN)
process.once('SIGUSR1', () => end().then(() => process.exit()))
setInterval(() => {}, 1000)`

// A container is left running.
const WORKER = `
const engine = await (await load('run-docker.ts')).runDocker()
if (engine) {
  const name = 'box' + process.pid
  await engine.image(name)
  await engine.docker('run', '--detach', '--network', 'none', name, 'sleep', '1000')
  await engine.close()
}
console.log(engine ? engine.socket : 'none')`

const DEBIAN = `
const machine = await (await load('debian.ts')).startDebian()
console.log(JSON.stringify([machine.name, machine.engine.socket, await machine.engine.docker('inspect', '--format', '{{.Image}}', machine.name)]))
await machine.close()`

const worker = (run: string): Promise<string> => startProgram(WORKER, { ...process.env, CHAOS_TEST_RUN: run }).line()

describe.skipIf(reason !== undefined)(`the Docker engine of a test run${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, () => {
  test.each([['ends', 'SIGUSR1'], ['is killed', 'SIGKILL']] as const)('is one for all its processes, and there is nothing of it when the run %s', { timeout: 240_000 }, async (_, signal) => {
    const run = startProgram(RUN)
    const folder = await run.line()
    const [one, other] = await Promise.all([worker(folder), worker(folder)])
    expect(one).toMatch(/docker\.sock$/)
    expect(other).toBe(one)
    const ended = once(run.child, 'exit')
    run.child.kill(signal)
    await ended
    const left = (): string[] => [...leftOf(path.dirname(one)), ...leftOf(folder)]
    // A run that ends has waited for it.
    await vi.waitUntil(() => signal === 'SIGUSR1' || left().length === 0, { timeout: 100_000, interval: 100 })
    expect(left()).toEqual([])
  })

  test('is none where nobody keeps the run going', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'chaos-no-run-'))
    try {
      expect(await worker(folder)).toBe('none')
      execFileSync('mkfifo', [path.join(folder, 'alive')])
      expect(await worker(folder)).toBe('none')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('imports an archive of Debian once, and containers of two processes stand side by side', async () => {
    const other = startProgram(DEBIAN)
    const machine = await startDebian()
    try {
      const image = await machine.engine.docker('inspect', '--format', '{{.Image}}', machine.name)
      const [name, ...same] = JSON.parse(await other.line()) as string[]
      expect(same).toEqual([machine.engine.socket, image])
      expect(name).not.toBe(machine.name)
    } finally {
      await machine.close()
    }
  })

  test('is not there outside a run: a Debian has an engine of its own, which goes with it', async () => {
    const { CHAOS_TEST_RUN: _, ...outside } = process.env
    const { child, line } = startProgram(DEBIAN, outside)
    const ended = once(child, 'exit')
    const [, socket = ''] = JSON.parse(await line()) as string[]
    expect(await ended).toEqual([0, null])
    expect(socket).toMatch(/docker\.sock$/)
    expect(leftOf(path.dirname(socket))).toEqual([])
  })
})
