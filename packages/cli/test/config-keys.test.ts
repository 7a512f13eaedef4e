import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'

let desk: Desk
beforeAll(() => {
  buildIfStale()
  desk = makeDesk()
  desk.addPlugin('chaos-provider-shop', { providers: { shop: './index' } }, `import { defineProvider, secret } from '@chaos/core'
import * as z from '@chaos/operations/zod'
export default defineProvider({ config: z.strictObject({ url: z.string() }), read: async () => secret('x') })
`)
}, 300_000)
afterAll(() => desk.remove())
beforeEach(() => void desk.write('ch-obolo.yml', 'files:\n  - { path: /tmp/x, state: directory }\n'))

const config = (text: string): void => void desk.write('config/config.yml', text)

describe('keys of the config that mean nothing', () => {
  it('are told by chaos check, where they stand, with what was perhaps meant', async () => {
    config('max_removals: 3\nchobolo-fil: a.yml\nsecret_providers:\n  shpo: { url: a }\n  nothing_like_it: {}\nstrange: 1\n')
    const { code, stderr } = await desk.chaos(['check'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/`chobolo-fil` means nothing[^]*config\.yml:2:1\n.*Did you mean `chobolo_file`\?/)
    expect(stderr).toMatch(/`strange` means nothing[^]*config\.yml:6:1\n.*It may have: aliases, /)
    expect(stderr).toMatch(/no provider `shpo`[^]*config\.yml:4:3\n.*Did you mean `shop`\?/)
    expect(stderr).not.toContain('nothing_like_it')
    const { warnings } = JSON.parse((await desk.chaos(['check', '--json'])).stdout) as { warnings: { code: string; position: object }[] }
    expect(warnings.map((each) => [each.code, each.position])).toEqual([2, 6, 4].map((line) => [line === 6 ? 'CONFIG_KEY_UNREAD' : 'CONFIG_KEY_UNKNOWN', { file: `${desk.folder}/config/config.yml`, line, column: line === 4 ? 3 : 1 }]))
  })

  it('are told where something is listed that the config has a part in', async () => {
    config('alises: { a: files }\n')
    const { stdout, stderr } = await desk.chaos(['check', 'aliases', '--json'])
    expect(JSON.parse(stdout)).not.toHaveProperty('a')
    expect(stderr).toMatch(/Did you mean `aliases`\?/)
  })

  it('are told by a run only where one is nearly a key that is read: that may be its limit', async () => {
    config('strange: 1\nmax_removal: 0\n')
    const { code, stderr } = await desk.chaos(['apply', '--dry'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/`max_removal` means nothing[^]*config\.yml:2:1\n.*Did you mean `max_removals`\?/)
    expect(stderr).not.toContain('strange')
    const events = (await desk.chaos(['apply', '--dry', '--json'])).stdout.split('\n').filter((line) => line.includes('"warning"')).map((line) => JSON.parse(line) as object)
    expect(events).toEqual([expect.objectContaining({ code: 'CONFIG_KEY_UNKNOWN', position: expect.objectContaining({ line: 2, column: 1 }) as object })])
  })

  it('are not those of the Python tool, which may share the config', async () => {
    config('chobolo_file: a.yml\nlimani: chrima\nwerehouse: prod.db\nsecret_backends: { dp: { project_name: a } }\nsecret_providers: { default: bw.age, bws: { project_id: a }, op: { age_url: a }, dp: { age_id: a }, in: {}, rbw: {} }\n')
    expect(await desk.chaos(['check', '-c', 'ch-obolo.yml'])).toMatchObject({ code: 0, stderr: '' })
  })

  it('and a section that its provider does not take, are told before it is used', async () => {
    config('secret_providers:\n  shop: { age_id: mine,\n    url: 5 }\n')
    expect((await desk.chaos(['check'])).stderr).toMatch(/provider shop is not right: secret_providers\.shop\.url: .*\n.*config\.yml:3:5\n.*The README of chaos-provider-shop says what it takes/)
  })
})
