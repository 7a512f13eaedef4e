import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encryptSops } from '@chaos/sops'
import { pluginContext } from '@chaos/testkit'
import { buildIfStale, makeDesk } from '../command-line.ts'
import type { Desk } from '../command-line.ts'
import { addVault, addWriter } from './support.ts'

const CANARY = 'canary-Zk3wQ'

let desk: Desk
beforeAll(async () => {
  buildIfStale()
  desk = makeDesk()
  await addVault(desk, 'app: {}\n')
  addWriter(desk)
}, 300_000)
afterAll(() => desk.remove())

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
