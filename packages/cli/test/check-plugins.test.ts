import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'

let desk: Desk
beforeAll(() => buildIfStale(), 120_000)
beforeEach(() => {
  desk = makeDesk()
})
afterEach(() => desk.remove())

const ROLE = "import { defineRole } from '@chaos/core'\nexport default defineRole(() => [])\n"

describe('chaos check plugins', () => {
  it('shows where each came from, and what it shadows', async () => {
    desk.addPlugin('chaos-role-motd', { roles: { motd: './index' } }, ROLE)
    const user = path.join(desk.folder, 'plugins')
    mkdirSync(path.join(user, 'node_modules'), { recursive: true })
    writeFileSync(path.join(user, 'package.json'), '{ "dependencies": { "chaos-role-motd": "*" } }')
    cpSync(path.join(desk.folder, 'node_modules/chaos-role-motd'), path.join(user, 'node_modules/chaos-role-motd'), { recursive: true, verbatimSymlinks: true })
    const { code, stdout } = await desk.chaos(['check', 'plugins'], { env: { CHAOS_PLUGIN_DIR: user } })
    expect(code).toBe(0)
    expect(stdout).toContain(`chaos-role-motd 1.0.0\n  from project: ${path.join(desk.folder, 'node_modules/chaos-role-motd')}\n  roles/motd\n`)
    expect(stdout).toContain(`not used: chaos-role-motd 1.0.0 in ${path.join(user, 'node_modules/chaos-role-motd')}; ${path.join(desk.folder, 'node_modules/chaos-role-motd')} comes first`)
  })

  it('says what is wrong with those that cannot be used, and spoils nothing else', async () => {
    desk.addPlugin('chaos-role-good', { roles: { good: './index' } }, ROLE)
    desk.addPlugin('chaos-role-later', { api: 9, roles: { later: './index' } }, ROLE)
    desk.addPlugin('chaos-role-other', { roles: { other: './index' } }, "import { defineKeys } from '@chaos/core'\nexport default defineKeys([{ other: [] }])\n")
    desk.addPlugin('chaos-role-thrower', { roles: { thrower: './index' } }, "throw new Error('out of order')\n")
    desk.addPlugin('chaos-role-one', { roles: { twice: './index' } }, ROLE)
    desk.addPlugin('chaos-role-two', { roles: { twice: './index' } }, ROLE)
    desk.write('ch-obolo.yml', 'files: []\n')
    const { code, stdout, stderr } = await desk.chaos(['check'])
    expect(code, stdout + stderr).toBe(2)
    for (const said of ['chaos-role-later', 'chaos-role-other', 'out of order', 'chaos-role-one', 'chaos-role-two']) expect(stdout + stderr).toContain(said)
    expect((await desk.chaos(['check', 'roles'])).stdout).toMatch(/^good$/m)
  })

  it('shows what packages say of themselves as text that moves no cursor', async () => {
    desk.addPlugin('chaos-role-odd', { roles: { odd: './index' }, aliases: { o: '\u001b[31modd' } }, ROLE)
    const manifest = path.join(desk.folder, 'node_modules/chaos-role-odd/package.json')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"1.0.0"', '"1.0\\u001b[31m\\n0"'))
    expect((await desk.chaos(['check', 'plugins'])).stdout).toContain('chaos-role-odd 1.0\\x1b[31m\\n0\n')
    expect((await desk.chaos(['check', 'aliases'])).stdout).toContain('o → \\x1b[31modd\n')
  })
})

describe('a plugin that', () => {
  it.each([
    ['ends the process when it is imported', 'process.exit(0)'],
    ['never comes to the end of its import', 'await new Promise(() => {})'],
  ])('%s is no success of anything', async (_, source) => {
    desk.addPlugin('chaos-role-ends', { roles: { ends: './index' } }, `${source}\n`)
    desk.write('ch-obolo.yml', 'files: []\n')
    for (const args of [['check'], ['apply', '-y']]) {
      const { code, stdout, stderr } = await desk.chaos(args)
      expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^✖ chaos ended before its work was done, while it loaded roles\/ends\.\n/)])
    }
    expect(JSON.parse((await desk.chaos(['apply', '-y', '--json'])).stdout)).toMatchObject({ type: 'error', version: 1, code: 'ENDED_EARLY' })
    expect(await desk.chaos(['check', 'roles'])).toMatchObject({ code: 0, stderr: '' })
  })
})
