import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createJournal, lastInterrupted } from '../../src/events/index.ts'
import type { EngineEvent } from '../../src/events/index.ts'

let folder: string
let warnings: string[]
const warn = (message: string): void => void warnings.push(message)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-journal-'))
  warnings = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const stamp = { run: 'r', time: 5 }
const begin: EngineEvent = { ...stamp, type: 'run.begin', version: 1, dry: false, hosts: ['a'], roles: ['x'], chobolo: '/c.yml', controller: 'me@here' }
const operation = (index: number) => ({ host: 'a', role: 'x', id: `a/x/${index}`, operation: 'files.put', title: `/f${index}` })
const began = (index: number): EngineEvent => ({ ...stamp, type: 'operation.begin', ...operation(index) })
const ended = (index: number): EngineEvent => ({ ...stamp, type: 'operation.end', ...operation(index), state: 'changed', changes: [], milliseconds: 1 })
const end: EngineEvent = {
  ...stamp, type: 'run.end', outcome: 'done', dry: false, milliseconds: 1,
  hosts: { ok: 0, changed: 1, failed: 0, unreachable: 0, unknown: 0, skipped: 0 },
  operations: { ok: 0, changed: 1, failed: 0, unknown: 0, skipped: 0 },
}
const lines = (file: string): unknown[] => readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)

/** A journal of a run whose process is gone. */
function left(run: string, events: readonly EngineEvent[], tail = ''): void {
  const head = { type: 'journal', version: 1, run, time: 7, pid: process.pid, started: '1' }
  writeFileSync(join(folder, `${run}.ndjson`), `${[head, ...events].map((each) => JSON.stringify(each)).join('\n')}\n${tail}`)
}

describe('the journal', () => {
  it('says its version first, then what happens, each before the next', () => {
    const journal = createJournal(join(folder, 'a/runs'), 'r1', { warn })
    journal.listener(begin)
    expect(lines(journal.path)).toEqual([{ type: 'journal', version: 1, run: 'r1', time: expect.any(Number), pid: process.pid, started: expect.any(String) }, begin])
    journal.close()
    journal.listener(end)
    journal.close()
    expect(lines(journal.path)).toHaveLength(2)
    expect(warnings).toEqual([])
  })

  it('is for nobody else', () => {
    const journal = createJournal(join(folder, 'a/runs'), 'r1', { warn })
    journal.close()
    expect([journal.path, join(folder, 'a/runs'), join(folder, 'a')].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['600', '700', '700'])
  })

  it('keeps the last hundred, itself included', () => {
    for (let index = 0; index < 120; index++) writeFileSync(join(folder, `2026-${String(index).padStart(3, '0')}.ndjson`), '')
    writeFileSync(join(folder, 'other.txt'), '')
    createJournal(folder, '2026-999', { warn }).close()
    const names = readdirSync(folder).toSorted()
    expect(names.filter((name) => name.endsWith('.ndjson'))).toHaveLength(100)
    expect([names[0], names.includes('2026-999.ndjson'), names.includes('other.txt')]).toEqual(['2026-021.ndjson', true, true])
  })

  it('is gone when it is discarded, and another is left alone', () => {
    const journal = createJournal(folder, 'r1', { warn })
    const other = createJournal(folder, 'r1', { warn: () => undefined })
    other.discard()
    expect(readdirSync(folder)).toEqual(['r1.ndjson'])
    journal.listener(begin)
    journal.discard()
    expect([readdirSync(folder), warnings]).toEqual([[], []])
  })

  it('never writes over another', () => {
    writeFileSync(join(folder, 'r1.ndjson'), 'mine')
    const journal = createJournal(folder, 'r1', { warn })
    journal.listener(begin)
    expect(warnings).toEqual([expect.stringContaining('EEXIST')])
    expect(readFileSync(journal.path, 'utf8')).toBe('mine')
  })

  it('warns once where it cannot be made, and the run goes on', () => {
    writeFileSync(join(folder, 'file'), '')
    const journal = createJournal(join(folder, 'file/runs'), 'r1', { warn })
    journal.listener(begin)
    journal.listener(end)
    journal.close()
    expect(warnings).toEqual([expect.stringMatching(/^The journal .*r1\.ndjson cannot be written \(ENOTDIR.*; the run goes on without a complete one\.$/)])
  })
})

describe('the journal of a process of its own', () => {
  let built: string
  beforeAll(() => {
    // Node 20 runs no types, and the journal must die with its process: the one file and what it imports are compiled.
    built = mkdtempSync(join(tmpdir(), 'chaos-journal-built-'))
    const source = join(import.meta.dirname, '../../src/events/journal.ts')
    const options = ['--ignoreConfig', '--noCheck', '--module', 'nodenext', '--target', 'es2023', '--rewriteRelativeImportExtensions', '--outDir', built, source]
    execFileSync(join(import.meta.dirname, '../../../../node_modules/.bin/tsc'), options, { stdio: 'ignore' })
    writeFileSync(join(built, 'package.json'), '{"type":"module"}')
  })
  afterAll(() => rmSync(built, { recursive: true }))

  /** Runs a script that has `journal` and `warnings`, after a shell line such as a limit. */
  async function run(limit: string, body: string): Promise<string> {
    const program = `
      import { createJournal } from ${JSON.stringify(join(built, 'journal.js'))}
      const warnings = []
      const journal = createJournal(${JSON.stringify(folder)}, 'r1', { warn: (message) => warnings.push(message) })
      ${body}
    `
    const child = spawn('/bin/sh', ['-c', `${limit}; exec "$0" --input-type=module -e "$1"`, process.execPath, program])
    const [shown] = await Promise.all([text(child.stdout), once(child, 'exit')])
    return shown
  }

  it('has everything that was told before it was killed', async () => {
    await run(':', `
      for (let index = 0; index < 1000; index++) journal.listener({ type: 'operation.begin', host: 'a', role: 'x', id: 'a/x/' + index, operation: 'o', title: 't' })
      process.kill(process.pid, 'SIGKILL')
    `)
    expect(lines(join(folder, 'r1.ndjson'))).toHaveLength(1001)
    const [interrupted] = await lastInterrupted(folder)
    expect(interrupted?.steps).toHaveLength(1000)
  })

  it('warns once when no more can be written, and goes on', async () => {
    // A limit of the size of files fails as a full disk does, with another letter code, and needs no root.
    const shown = await run('ulimit -f 1', `
      process.on('SIGXFSZ', () => {})
      for (let index = 0; index < 100; index++) journal.listener({ type: 'warning', code: 'X', message: 'x'.repeat(100) })
      journal.close()
      console.log(warnings.length, warnings[0])
    `)
    expect(shown).toMatch(/^1 The journal .*r1\.ndjson cannot be written \(EFBIG/)
    // The last line is half there; whoever reads it skips that.
    expect(statSync(join(folder, 'r1.ndjson')).size).toBeGreaterThan(400)
    expect(await lastInterrupted(folder)).toEqual([{ run: 'r1', time: expect.any(Number), steps: [] }])
  })
})

describe('interrupted runs', () => {
  it('are those without an end, with what had begun and not ended', async () => {
    left('r1', [begin, began(0), ended(0), end])
    left('r2', [begin, began(0), ended(0), began(1), began(2)], '{"type":"operation.end","id":"a/x/')
    left('r3', [])
    expect(await lastInterrupted(folder)).toEqual([
      { run: 'r3', time: 7, steps: [] },
      { run: 'r2', time: 7, chobolo: '/c.yml', steps: [1, 2].map((index) => ({ host: 'a', id: `a/x/${index}`, operation: 'files.put', title: `/f${index}` })) },
    ])
  })

  it('are not those that still run', async () => {
    const journal = createJournal(folder, 'r1', { warn })
    journal.listener(begin)
    expect(await lastInterrupted(folder)).toEqual([])
    journal.close()
  })

  it('are none where there is no journal, or something else', async () => {
    writeFileSync(join(folder, 'x.ndjson'), 'not\njson')
    symlinkSync('/nowhere', join(folder, 'y.ndjson'))
    expect(await lastInterrupted(folder)).toEqual([])
    expect(await lastInterrupted(join(folder, 'none'))).toEqual([])
    expect(existsSync(join(folder, 'none'))).toBe(false)
  })
})
