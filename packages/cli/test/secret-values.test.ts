import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'

/** Notes each reading in a file beside the Ch-obolo, so that they can be counted. */
const VAULT = `import { appendFileSync } from 'node:fs'
import { ChaosError, defineProvider, secret } from '@chaos/core'
export default defineProvider({
  async read(reference, { config }) {
    appendFileSync('read', reference + '\\n')
    if (reference === 'broken') throw new Error('canary-in-an-error')
    if (reference === 'missing') throw new ChaosError('VAULT_EMPTY', { message: 'The vault has no missing.' })
    return secret((config?.prefix ?? 'canary-') + reference)
  },
})
`

let desk: Desk
beforeAll(() => buildIfStale(), 300_000)
beforeEach(() => {
  desk = makeDesk()
  desk.addPlugin('vault', { providers: { vault: './index' } }, VAULT)
})
afterEach(() => desk.remove())

const chobolo = (content: string, more = ''): void => void desk.write('ch-obolo.yml', `files:\n  - { path: ${desk.folder}/made, content: "${content}" }\n${more}`)
const made = (): string => readFileSync(path.join(desk.folder, 'made'), 'utf8')
const readings = (): string[] => readFileSync(path.join(desk.folder, 'read'), 'utf8').split('\n').filter(Boolean)

/** All that a run left on the controller but for the file it was to make. */
function traces(): string {
  const below = path.join(desk.folder, 'state')
  return readdirSync(below, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).map((each) => readFileSync(path.join(each.parentPath, each.name), 'utf8')).join('\n')
}

describe('a secret in a Ch-obolo', () => {
  it('is read by the provider it names, once however often it stands there, and is nowhere in what is told', async () => {
    chobolo('${secret:vault:one} ${again}', 'again: "${secret:vault:one}"\n')
    const { code, stdout, stderr } = await desk.chaos(['apply', '-y', '--diff', '-vvv'])
    expect([code, made(), readings()]).toEqual([0, 'canary-one canary-one', ['one']])
    expect([stdout, stderr, traces()].join('\n')).not.toContain('canary-one')
    expect(traces()).toContain('"type":"run.end"')
  })

  it('is nowhere in what is told either when its provider was only read for the content that is there already', async () => {
    chobolo('${secret:vault:one}')
    await desk.chaos(['apply', '-y'])
    const { code, stdout } = await desk.chaos(['apply', '--dry', '--json'])
    expect(code).toBe(0)
    expect(stdout).not.toContain('canary')
  })

  it('is not read for a role that does not run, nor by check', async () => {
    desk.addSteps()
    chobolo('${secret:vault:one}', 'steps: ["true"]\n')
    expect((await desk.chaos(['apply', 'steps', '-y'])).code).toBe(0)
    const { code, stdout } = await desk.chaos(['check'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('valid for files, steps')])
    expect(() => readings()).toThrow('ENOENT')
  })

  it('is a mistake that check finds when its provider is not installed', async () => {
    chobolo('${secret:nowhere:one}')
    const { code, stderr } = await desk.chaos(['check'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no secret provider `nowhere`.*npm install/s)])
    expect(stderr).toMatch(/ch-obolo\.yml:2:\d+/)
  })

  it('is read by a provider that was told what its section of the config says', async () => {
    desk.write('config/config.yml', 'secret_providers:\n  vault: { prefix: "other-" }\n')
    chobolo('${secret:vault:one}')
    expect([(await desk.chaos(['apply', '-y'])).code, made()]).toEqual([0, 'other-one'])
  })

  it.each([
    ['its provider is not installed', '${secret:nowhere:one}', /nowhere.*ch-obolo\.yml:2:\d+/s],
    ['its provider does not have it', '${secret:vault:missing}', /The vault has no missing.*ch-obolo\.yml:2:\d+/s],
    ['its provider fails', '${secret:vault:broken}', /vault could not read broken: it failed with Error.*ch-obolo\.yml:2:\d+/s],
  ])('stops the run before anything is done when %s, and says where it stands', async (_, content, said) => {
    chobolo(content)
    const { code, stderr } = await desk.chaos(['apply', '-y'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)])
    expect(stderr).not.toContain('canary')
    expect(() => made()).toThrow('ENOENT')
  })
})
