import { mkdtempSync, rmSync, statSync, chmodSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defineConnector, defineRole, secret } from '@chaos/core'
import local from '../../../connector-local/src/index.ts'
import { files } from '../../../operations/src/index.ts'
import { run } from '../../src/run/run.ts'
import type { EngineEvent } from '../../src/index.ts'
import { noNamespace, openElevationNamespace } from '../session/elevation-namespace.ts'
import { localConnection } from '../session/local-connection.ts'

const missing = noNamespace()

/** Applies as an unprivileged user of a machine that has rules for sudo, su and doas. */
async function applyAs(rules: Parameters<typeof openElevationNamespace>[0], data: Record<string, unknown>, passwordOf: 'password' | 'rootPassword') {
  const namespace = await openElevationNamespace(rules)
  const folder = mkdtempSync(join(tmpdir(), 'chaos-elevated-'))
  chmodSync(folder, 0o755)
  const home = join(folder, 'state')
  const there = defineConnector({ open: async () => localConnection('dash', { wrap: [...namespace.wrap, 'env', `XDG_STATE_HOME=${home}`] }) })
  let asked = 0
  const apply = async () => {
    const events: EngineEvent[] = []
    const role = defineRole(() => [
      files.directory({ path: join(folder, 'owned'), mode: '0700' }),
      files.put({ path: join(folder, 'owned', 'file'), content: 'x\n', mode: '0600' }, { remember: { id: 'file' } }),
    ])
    const result = await run({
      choboloPath: join(folder, 'ch-obolo.yml'), hosts: [{ name: '@there/x', data }], dry: false, skipConfirm: true,
      load: async (_, name) => (name === 'there' ? there : local),
      roles: [{ tag: 'test', role, explicit: true }], slice: () => ({ desired: {}, chobolo: {} }),
      password: async () => {
        asked++
        return secret(namespace[passwordOf])
      },
      listeners: [(event) => void events.push(event)],
    })
    return { end: result.hosts[0], events }
  }
  try {
    const first = await apply()
    const owner = statSync(join(folder, 'owned/file'), { throwIfNoEntry: false })?.uid
    const second = await apply()
    const shown = JSON.stringify([first, second])
    const left = readdirSync(folder).toSorted()
    const text = owner === undefined ? undefined : readFileSync(join(folder, 'owned/file'), 'utf8')
    return { first: first.end, second: second.end, owner, text, asked, leaks: shown.includes(namespace[passwordOf]), left }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await namespace.close()
  }
}

describe.skipIf(missing !== undefined)(`a whole run as another user${missing === undefined ? '' : ` (${missing})`}`, () => {
  test.each([
    ['sudo with a password', { sudoers: 'chaostester ALL=(ALL) ALL' }, { sudo: true }, 'password', 2],
    ['sudo without a password', { sudoers: 'chaostester ALL=(ALL) NOPASSWD: ALL' }, { sudo: true }, 'password', 0],
    ['su', {}, { su: true }, 'rootPassword', 2],
    ['doas with a password', { doas: 'permit chaostester' }, { doas: true }, 'password', 2],
    ['doas without a password', { doas: 'permit nopass chaostester' }, { doas: true }, 'password', 0],
  ] as const)('%s: the file is root’s, the password is asked once a run and shown nowhere, the second run changes nothing', async (_, rules, data, password, asked) => {
    const found = await applyAs(rules, data, password)
    expect(found).toMatchObject({ first: { state: 'changed', operations: { changed: 2 } }, second: { state: 'ok', exchanges: 2 }, owner: 0, text: 'x\n', asked, leaks: false })
  })

  test('a wrong password is one clear error, and nothing is changed', async () => {
    const found = await applyAs({ sudoers: 'chaostester ALL=(ALL) ALL' }, { sudo: true }, 'rootPassword')
    expect(found).toMatchObject({ first: { state: 'failed', error: { code: 'ELEVATION_PASSWORD' } }, owner: undefined, leaks: false })
  })
})
