import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { newIdentity } from '@chaos/sops'
import { buildIfStale } from '../command-line.ts'
import { makeBench } from './canary/bench.ts'
import type { Bench } from './canary/bench.ts'
import { newMark, tracksOf } from './canary/mark.ts'
import { runWatched } from './canary/run.ts'
import type { CanaryOptions, Seen } from './canary/run.ts'
import { processes, watch } from './canary/watch.ts'

let bench: Bench
beforeAll(async () => {
  buildIfStale()
  bench = await makeBench('nul: "MARK\\0 and more"\nshort: a7Q\n')
}, 300_000)
afterAll(() => bench.desk.remove())

const canary = (args: readonly string[], options?: CanaryOptions): Promise<Seen> => runWatched(bench.desk, bench.mark, args, options)
const inside = (name: string): string => path.join(bench.desk.folder, name)
const OTHER = (await newIdentity()).recipient
const MADE = ['made', 'noted', 'templated', 'written']

/** One Ch-obolo for all roles that work on this machine as its user. */
function chobolo(): void {
  bench.desk.write('t.j2', 'password={{ password }}\n')
  bench.desk.write('ch-obolo.yml', JSON.stringify({
    files: [
      { path: inside('made'), content: '${secret:age:app.password}', mode: '0600' },
      { path: inside('templated'), template: inside('t.j2'), vars: { password: '${secret:sops:app.password}' } },
    ],
    notes: { command: `cat >${inside('noted')}`, text: '${secret:sops:app.lines}' },
    writes: inside('written'),
  }))
}

it('what looks for the secret sees one among the arguments, in the environment and in base64', async () => {
  const mark = newMark()
  const encoded = Buffer.from(`user:${mark}`).toString('base64')
  const children = [spawn('sleep', ['10'], { argv0: mark }), spawn('sleep', ['11'], { env: { PATH: process.env['PATH'], TOKEN: mark } }), spawn('sleep', ['12'], { argv0: encoded })]
  await Promise.all(children.map((child) => once(child, 'spawn')))
  const watching = watch({ tracks: tracksOf(mark), folders: [], before: new Set(processes()) })
  const seen = watching.stop()
  for (const child of children) child.kill()
  expect(seen.toSorted()).toEqual([`cmdline of ${mark} 10 `, `cmdline of ${encoded} 12 `, 'environ of sleep 11 '].toSorted())
})

it('what looks for the secret sees it in a process that came and went', async () => {
  const mark = newMark()
  const watching = watch({ tracks: tracksOf(mark), folders: [], before: new Set(processes()) })
  const child = spawn('sleep', ['10'], { argv0: mark })
  const ended = once(child, 'close')
  await once(child, 'spawn')
  const since = watching.samples()
  await vi.waitUntil(() => watching.samples() > since + 1, { timeout: 20_000, interval: 5 })
  child.kill()
  await ended
  expect(watching.stop()).toEqual([`cmdline of ${mark} 10 `])
})

describe('a secret is nowhere but where it belongs', () => {
  beforeAll(chobolo)

  it.each([['--dry', '--diff', '-vvv'], ['--dry', '--json']])('in a plan of all roles, with %s %s', async (...flags) => {
    const { ended, seen } = await canary(['apply', '-sy', ...flags])
    expect([ended.code, seen]).toEqual([0, []])
  })

  it.each([[['-vvv', '--diff']], [['--json']]])('in a run of all roles with %j, but for the files they make', async (flags) => {
    const { ended, seen } = await canary(['apply', '-sy', ...flags])
    expect([ended.code, seen.toSorted()]).toEqual([0, MADE])
    const read = (name: string): string => readFileSync(inside(name), 'utf8')
    expect(MADE.map(read)).toEqual([bench.password, `${bench.mark} one\n${bench.mark} two\n`, `password=${bench.password}\n`, bench.password])
  })

  it.each([
    ['exec', ['exec', '--', 'true'], 0],
    ['exec that fails, as JSON', ['exec', '--json', '--', 'false'], 1],
    ['check', ['check'], 0],
    ['check secrets', ['check', 'secrets'], 0],
    ['check providers', ['check', 'providers', '-j'], 0],
    ['check templates', ['check', 'templates'], 0],
    ['explain', ['explain', 'secrets', '-d', 'advanced'], 0],
    ['schema', ['schema'], 0],
    ['secrets list', ['secrets', 'list', '-j'], 0],
    ['secrets update', ['secrets', 'update'], 0],
    ['secrets rotate-add', ['secrets', 'rotate-add', 'age', OTHER, '-u'], 0],
    ['secrets rotate-rm', ['secrets', 'rotate-rm', 'age', OTHER, '-u'], 0],
    ['set secrets', ['set', 'secrets', 'secrets.yml'], 0],
    ['completion', ['completion', 'bash'], 0],
    ['__complete', ['__complete', '1', 'chaos', 'secrets', 'cat', 'app'], 0],
    ['unlock', ['unlock', 'nobody'], 0],
  ] as const)('in %s', async (_, args, code) => {
    const { ended, seen } = await canary(args, { but: MADE })
    expect([ended.code, seen]).toEqual([code, []])
  })

  it.each([[['print']], [['print', '-j']], [['cat', 'app', '-j']], [['cat', 'app.lines', '-v']]])('in secrets %j, but for its own output', async (args) => {
    const { ended, seen } = await canary(['secrets', ...args], { but: MADE })
    expect([ended.code, seen]).toEqual([0, ['stdout']])
  })

  it('in a run, with a NUL in it, and one of three characters, which are not looked for, beside it', async () => {
    bench.desk.write('ch-obolo.yml', JSON.stringify({ files: [{ path: inside('made'), content: '${secret:age:nul}${secret:age:short}' }], notes: { command: 'cat; false', text: '${secret:age:nul}' } }))
    const { ended, seen } = await canary(['apply', '-sy', '-vvv', '--diff'], { but: MADE })
    expect([ended.code, seen, readFileSync(inside('made'), 'utf8')]).toEqual([1, [], `${bench.mark}\0 and morea7Q`])
    chobolo()
  })

  it('in init secrets, of a file that was in clear', async () => {
    const clear = bench.desk.write('secrets-of-old.yml', `password: ${bench.mark}\n`)
    const { ended, seen } = await canary(['init', 'secrets', '-y', '-sf', clear], { but: MADE, env: { CHAOS_CONFIG_DIR: inside('other-config') } })
    expect([ended.code, seen]).toEqual([0, []])
  })

  it('in secrets set, from stdin', async () => {
    const { ended, seen } = await canary(['secrets', 'set', 'app.token'], { but: MADE, stdin: bench.mark })
    expect([ended.code, seen]).toEqual([0, []])
  })

  it('in secrets edit, but for the editor\'s own file', async () => {
    const program = bench.desk.write('editor.sh', '#!/bin/sh\nsleep 0.1\nsed -i s/one/three/ "$1"\n')
    chmodSync(program, 0o755)
    const { ended, seen } = await canary(['secrets', 'edit'], { but: MADE, env: { EDITOR: program, VISUAL: '' } })
    expect([ended.code, ended.stderr.includes('written'), seen]).toEqual([0, true, []])
  })
})
