import { PassThrough } from 'node:stream'
import { sh } from '@chaos/core'
import type { Process } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import type { ContainerState, Engine, ExecOptions } from '../src/index.ts'
import { insideContainer } from '../src/process/spawn.ts'

/** A process that says what it says and ends with a code. */
function ended(said: string, code: number): Process {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  stdout.end()
  stderr.end(said)
  return { stdin: new PassThrough(), stdout, stderr, exit: Promise.resolve({ code }) }
}

/** An engine that was asked `looks` times before it notices that its container has ended, and whose programs are all killed. */
function lateEngine(looks: number, probe: number): Engine {
  let left = looks
  const state = (running: boolean): ContainerState => ({ id: 'id', name: 'web', running, paused: false, code: running ? 0 : 3 })
  const engine: Partial<Engine> = {
    container: async () => state(left-- > 0),
    log: async () => ['out of cheese'],
    // The command begins by saying its number; what only looks whether anything can run does not.
    exec: async (_: string, { argv }: ExecOptions) => (argv[4] === undefined ? ended('', probe) : ended(`${argv[4]} 7\n`, 137)),
  }
  return engine as Engine
}

const run = async (engine: Engine): Promise<Awaited<Process['exit']>> => {
  const { spawn } = insideContainer({ engine, id: 'id', label: 'the container web', user: undefined, env: {}, onGone: () => {} })
  return (await spawn(sh`sleep 300`)).exit
}

describe('a program that was killed', () => {
  it('tells of the end of its container, however late its engine notices', async () => {
    await expect(run(lateEngine(10, 126))).rejects.toMatchObject({ code: 'CONTAINER_ENDED', message: 'The container web ended with code 3 while chaos worked in it. The last it printed: out of cheese' })
  })

  it('is only killed when its container still runs programs, which is asked once', async () => {
    expect(await run(lateEngine(1, 0))).toEqual({ code: 137 })
  })
})
