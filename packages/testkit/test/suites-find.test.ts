import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { PassThrough, Transform } from 'node:stream'
import { defineConnector, defineExplain, defineFact, defineKeys, defineOperation, defineRole, sh } from '@chaos/core'
import type { Connection, Connector, ConnectorContext, Op } from '@chaos/core'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { aliasesSuite, connectorRunSuite, connectorSuite, explainSuite, fakeConnector, keysSuite, operationSuite } from '../src/index.ts'
import type { Runner } from '../src/index.ts'

/** Runs a suite by a runner of its own, its tests at once if they may; gives the names of the tests that failed. */
async function failures(suite: (runner: Runner) => void | Promise<void>, { atOnce = false } = {}): Promise<string[]> {
  const tests: [string, () => Promise<void>][] = []
  await suite({ describe: (_, body) => body(), it: (name, body) => tests.push([name, body]) })
  const failed: string[] = []
  const run = ([name, body]: (typeof tests)[number]): Promise<void> => body().catch(() => void failed.push(name))
  if (atOnce) await Promise.all(tests.map(run))
  else for (const each of tests) await run(each)
  return tests.map(([name]) => name).filter((name) => failed.includes(name))
}

const exists = defineFact({ name: 'test.exists', command: (path: string) => sh`test -e ${path}`, exit: [0, 1], parse: (_, { code }) => code === 0 })
const args = z.strictObject({ path: z.string() })

describe('a suite finds', () => {
  const fake = fakeConnector()
  afterAll(() => fake.close())
  const operation = (made: (path: string) => Op) => (runner: Runner) =>
    operationSuite({ ...runner, name: 'x', cases: [{ name: 'it', operation: (folder) => made(`${folder}/a`), drift: (folder) => rmSync(`${folder}/a`, { recursive: true, force: true }) }] })

  it('an operation that is never satisfied', async () => {
    const never = defineOperation({ name: 'test.never', args, diff: ({ path }) => [{ summary: 'x', do: [{ run: sh`touch ${path}` }] }] })
    expect(await failures(operation((path) => never({ path })))).toHaveLength(3)
  })

  it('an operation that does not see what is there', async () => {
    const blind = defineOperation({ name: 'test.blind', args, diff: () => [] })
    expect(await failures(operation((path) => blind({ path })))).toHaveLength(3)
  })

  it('an operation that changes something while it only looks', async () => {
    const meddling = defineFact({ name: 'test.meddling', command: (path: string) => sh`touch ${path}.seen; test -e ${path}`, exit: [0, 1], parse: (_, { code }) => code === 0 })
    const sly = defineOperation({
      name: 'test.sly', args,
      diff: async ({ path }, host) => ((await host.fact(meddling(path))) ? [] : [{ summary: 'x', do: [{ run: sh`touch ${path}` }] }]),
    })
    expect(await failures(operation((path) => sly({ path })))).toContain('it: a dry run tells what would change and touches nothing')
  })

  it('nothing wrong with one that keeps its promises', async () => {
    const good = defineOperation({
      name: 'test.good', args,
      diff: async ({ path }, host) => ((await host.fact(exists(path))) ? [] : [{ summary: 'x', do: [{ run: sh`touch ${path}` }] }]),
    })
    expect(await failures(operation((path) => good({ path })))).toEqual([])
  })

  const open = () => fake.connector.open!({ host: '@fake/a', argument: 'a', data: {}, below: [] }, {} as ConnectorContext)
  const connector = (spawn: (connection: Connection) => Connection['spawn']) => (runner: Runner) =>
    connectorSuite({ ...runner, name: '@broken', open: async () => open().then((connection) => ({ ...connection, spawn: spawn(connection) })) })

  it('a connector that mixes stderr into stdout', async () => {
    const mixed = connector((connection) => async (command, options) => {
      const running = await connection.spawn(sh`{ ${command}
} 2>&1`, options)
      return { ...running, stderr: new PassThrough().end() }
    })
    expect(await failures(mixed, { atOnce: true })).toEqual([
      'keeps stdout, stderr and the exit code apart', 'ends a command that reads none of its stdin, without it being ended', 'keeps what was printed for who reads it late, also behind the end',
      'loses nothing of a megabyte on stderr',
    ])
  })

  it('a connector that loses what nobody read in time', async () => {
    const hasty = connector((connection) => async (command, options) => {
      const running = await connection.spawn(command, options)
      // As Node does with the streams of a process that has ended.
      const exit = running.exit.then(async (end) => {
        for (const stream of [running.stdout, running.stderr]) if (stream.readableFlowing === null && stream.listenerCount('readable') === 0) await once(stream.resume(), 'end')
        return end
      })
      return { ...running, exit }
    })
    expect(await failures(hasty, { atOnce: true })).toContain('keeps what was printed for who reads it late, also behind the end')
  })

  it('a connector that does not end what is aborted', async () => {
    const deaf = connector((connection) => (command) => connection.spawn(command))
    expect(await failures(deaf, { atOnce: true })).toEqual([
      'leaves nothing running when it is aborted: what runs in the background', 'leaves nothing running when it is aborted: what ignores TERM and HUP',
      'leaves nothing running when it is aborted: a child with a process group and session of its own', 'does not start what was aborted before',
    ])
  })

  const runs = (change: (connection: Connection) => Connection) => async (runner: Runner) => {
    const broken = defineConnector({ open: async () => change(await open()) })
    const connectors = { broken, local: (await fake.load('connector', 'local')) as Connector }
    connectorRunSuite({ ...runner, name: '@broken', host: () => ({ name: '@broken' }), connectors })
  }

  it('runs through a connector that changes bytes on the way', async () => {
    const lossy = runs((connection) => ({
      ...connection,
      async spawn(command, options) {
        const running = await connection.spawn(command, options)
        const stdin = new Transform({ transform: (chunk: Buffer, _, done) => done(null, Buffer.from(chunk.map((byte) => (byte === 0xfe ? 0xff : byte)))) })
        stdin.pipe(running.stdin)
        return { ...running, stdin }
      },
    }))
    expect(await failures(lossy)).toEqual(['what is applied is so, and the second run changes nothing and takes two exchanges'])
  })

  it('pages that say nothing, orders of topics that are not there', async () => {
    const explain = defineExplain({ order: ['nothing'], topics: { usage: {} } })
    expect(await failures((runner) => explainSuite({ ...runner, name: 'my-role', explain }))).toEqual([
      'has a page for the topic itself', 'orders topics that are there, each once', 'says something in usage',
    ])
  })

  it('keys the role does not take, and aliases of nothing', async () => {
    const role = defineRole({ keys: { dirs: z.array(z.string()) }, delta: () => ({}), plan: () => [] })
    expect(await failures((runner) => keysSuite({ ...runner, name: 'x', keys: defineKeys([{ dirs: [1] }]), role }))).toEqual(['is what the role takes'])
    expect(await failures((runner) => aliasesSuite({ ...runner, aliases: { 'my role': 'x', a: 'b' }, roles: ['a'] }))).toHaveLength(3)
    expect(await failures((runner) => aliasesSuite({ ...runner, aliases: { a: ['b', 'files'], b: 'a', empty: [] }, roles: ['files'] }))).toEqual(['names roles, and other aliases of the package', 'leads to roles, never in a circle'])
    expect(await failures((runner) => aliasesSuite({ ...runner, aliases: { allPkgs: 'packages', web: ['allPkgs', 'files'], site: 'web users' }, roles: ['files', 'packages', 'users'] }))).toEqual([])
  })
})
