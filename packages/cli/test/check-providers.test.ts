import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'

const provider = (status: string): string => `import { defineProvider, secret } from '@chaos/core'
export default defineProvider({ read: async () => secret('x')${status} })
`

let desk: Desk
beforeAll(() => buildIfStale(), 300_000)
beforeEach(() => {
  desk = makeDesk()
  const add = (name: string, source: string): void => desk.addPlugin(name, { providers: { [name]: './index' } }, source)
  add('good', provider(', status: async ({ config }) => ({ ready: true, text: `It is open.\\u001b[2J ${config.place}` })'))
  add('locked', provider(', status: async () => ({ ready: false, text: "It is locked." })'))
  add('throws', provider(', status: async () => { throw new TypeError("canary-text") }'))
  add('silent', provider(''))
  add('broken', 'throw new Error("of import")')
  desk.write('config/config.yml', 'secret_providers: { good: { place: here } }\n')
})
afterEach(() => desk.remove())

describe('chaos check providers', () => {
  it('lists where each is from, and imports none', async () => {
    const { code, stdout, stderr } = await desk.chaos(['check', 'providers'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^age +@chaos\/provider-age 1\.\d+\.\d+\nbroken +broken 1\.0\.0\ngood +good 1\.0\.0\n/)
  })

  it('asks each with --status whether it can be used now, and none of them spoils another or leaks', async () => {
    const { code, stdout, stderr } = await desk.chaos(['check', 'providers', '--status', '--json'], { env: { CHAOS_CONFIG_DIR: `${desk.folder}/config` } })
    const rows = JSON.parse(stdout) as { name: string; ready: boolean; text: string }[]
    expect([code, `${stdout}${stderr}`.includes('canary')]).toEqual([0, false])
    expect(rows.map(({ name, ready, text }) => [name, ready, text])).toEqual([
      ['age', false, 'The config of the provider age is not right: secret_providers.age: give either file or folder.'],
      ['broken', false, expect.stringContaining('broken')],
      ['good', true, 'It is open.\u001b[2J here'],
      ['locked', false, 'It is locked.'],
      ['silent', true, 'It does not say.'],
      ['sops', false, 'No secrets file is named.'],
      ['throws', false, 'It failed with TypeError.'],
    ])
    const shown = await desk.chaos(['check', 'providers', '--status'], { env: { CHAOS_CONFIG_DIR: `${desk.folder}/config` } })
    expect(shown.stdout).toContain('ready: It is open.\\x1b[2J here\n')
  })

  it('knows --status for providers alone', async () => {
    expect((await desk.chaos(['check', 'roles', '--status'])).code).toBe(2)
  })
})
