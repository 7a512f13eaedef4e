import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encryptSops } from '@chaos/sops'
import { pluginContext } from '@chaos/testkit'
import { buildIfStale, makeDesk, processesWith } from '../command-line.ts'
import type { Desk, Ended } from '../command-line.ts'
import { addVault, addWriter, filesOf } from './support.ts'

const CANARY = 'canary-Zk3wQ'

let desk: Desk
beforeAll(() => buildIfStale(), 120_000)
beforeEach(async () => {
  desk = makeDesk()
  await addVault(desk, `app: { password: "${CANARY}" }\n`)
  addWriter(desk)
})
afterEach(() => desk.remove())

/** Our files in the temp directories that hold it. */
function inTemp(): string[] {
  return [os.tmpdir(), '/dev/shm'].flatMap((folder) => readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => path.join(each.parentPath, each.name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.uid === process.getuid?.() && readable(file).includes(CANARY)))
}

function readable(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

/** Runs it, looks at all processes again and again meanwhile, and gives where the secret was seen. */
async function seenIn(args: readonly string[], but: readonly string[] = []): Promise<{ ended: Ended; seen: string[] }> {
  const { child, ended } = desk.start(args)
  const processes = new Set<string>()
  let samples = 0
  while (child.exitCode === null && child.signalCode === null) {
    for (const pid of processesWith(CANARY)) processes.add(`process ${pid}`)
    samples++
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(samples).toBeGreaterThan(5)
  const result = await ended
  const files = Object.entries(filesOf(desk, but)).filter(([, text]) => text.includes(CANARY)).map(([name]) => name)
  return { ended: result, seen: [...processes, ...files, ...inTemp(), ...(['stdout', 'stderr'] as const).filter((stream) => result[stream].includes(CANARY))] }
}

describe('a secret of the secrets file is nowhere but where it belongs', () => {
  const chobolo = (place: string): string => desk.write('ch-obolo.yml', `writes: ${place}\n`)

  it.each([
    ['a dry run', ['--dry', '--diff', '-vvv']],
    ['a dry run as JSON', ['--dry', '--json']],
  ])('in %s', async (_, flags) => {
    chobolo(`${desk.folder}/made`)
    const { ended, seen } = await seenIn(['apply', '-sy', ...flags])
    expect([ended.code, seen]).toEqual([0, []])
  })

  it.each([
    ['told at length', ['-vvv', '--diff']],
    ['told as JSON', ['--json']],
  ])('in a run that succeeds, %s', async (_, flags) => {
    chobolo(`${desk.folder}/made`)
    const { ended, seen } = await seenIn(['apply', '-sy', ...flags], ['made'])
    expect([ended.code, readFileSync(path.join(desk.folder, 'made'), 'utf8'), seen]).toEqual([0, CANARY, []])
  })

  it.each([['told at length', ['-vvv', '--diff']], ['told as JSON', ['--json']]])('in a run that fails, %s', async (_, flags) => {
    chobolo('/proc/no-such-place/made')
    const { ended, seen } = await seenIn(['apply', '-sy', ...flags])
    expect([ended.code, seen]).toEqual([1, []])
  })

  it('in what a role throws that has it', async () => {
    rmSync(path.join(desk.folder, 'node_modules/writer'), { recursive: true })
    desk.addPlugin('writer', { roles: { writer: './index' } }, `import { defineRole, revealSecret } from '@chaos/core'
import * as z from '@chaos/operations/zod'
export default defineRole({
  keys: { writes: z.string() },
  secrets: ['app.password'],
  delta: () => ({ add: [1] }),
  plan: (_, { secrets }) => { throw new Error('I have ' + revealSecret(secrets['app.password'])) },
})
`)
    chobolo(`${desk.folder}/made`)
    for (const flags of [['-vvv'], ['--json']]) {
      const { ended, seen } = await seenIn(['apply', '-sy', ...flags], ['made'])
      expect([ended.code, `${ended.stdout}${ended.stderr}`.includes('I have ***'), seen]).toEqual([1, true, []])
    }
  })

  it('in print, but for its own output', async () => {
    const { ended, seen } = await seenIn(['secrets', 'print'])
    expect([ended.code, seen]).toEqual([0, ['stdout']])
  })

  it('in edit', async () => {
    const program = desk.write('editor.sh', '#!/bin/sh\nsleep 0.3\nsed -i s/app/other/ "$1"\n')
    spawnSync('chmod', ['755', program])
    const { child, ended } = desk.start(['secrets', 'edit'], { env: { EDITOR: program, VISUAL: '' } })
    const processes = new Set<string>()
    while (child.exitCode === null) {
      for (const pid of processesWith(CANARY)) processes.add(pid)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const { code, stdout, stderr } = await ended
    expect([code, [...processes], inTemp()]).toEqual([0, [], []])
    expect([stdout, stderr, ...Object.values(filesOf(desk))].join('\n')).not.toContain(CANARY)
  })
})

const noGpg = spawnSync('gpg', ['--version']).error ? ' (needs gpg)' : ''
describe.skipIf(noGpg)(`a secrets file for a PGP key${noGpg}`, () => {
  it('is opened by apply and print through gpg', async () => {
    // Short: gpg's agent makes its socket there.
    const home = mkdtempSync(path.join(os.tmpdir(), 'chaos-gpg-'))
    const env = { GNUPGHOME: home }
    const gpg = (...args: string[]): string => spawnSync('gpg', ['--batch', ...args], { encoding: 'utf8', env: { ...process.env, ...env } }).stdout
    try {
      gpg('--passphrase', '', '--quick-gen-key', 'chaos test', 'default', 'default', 'never')
      const id = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--list-keys', '--with-colons'))?.[1] ?? ''
      const run = pluginContext().run
      const file = path.join(desk.folder, 'secrets.yml')
      desk.write('secrets.yml', await encryptSops(`app: { password: ${CANARY} }\n`, { file, groups: [[{ kind: 'pgp', id }]], run: (argv, options) => run(argv, { ...options, env }) }))
      desk.write('config/keys.txt', '')
      desk.write('ch-obolo.yml', `writes: ${desk.folder}/made\n`)
      expect((await desk.chaos(['apply', '-sy'], { env })).code).toBe(0)
      expect(readFileSync(path.join(desk.folder, 'made'), 'utf8')).toBe(CANARY)
      expect((await desk.chaos(['secrets', 'cat', 'app.password', '-v'], { env })).stdout).toBe(`${CANARY}\n`)
    } finally {
      spawnSync('gpgconf', ['--kill', 'gpg-agent'], { env: { ...process.env, ...env } })
      rmSync(home, { recursive: true, force: true })
    }
  })
})
