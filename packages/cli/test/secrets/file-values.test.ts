import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildIfStale, makeDesk } from '../command-line.ts'
import type { Desk } from '../command-line.ts'
import { addVault, addWriter } from './support.ts'
import type { Vault } from './support.ts'

const PLAIN = 'app:\n  password: canary-of-the-vault\n  tokens: [canary-of-a-list]\n  port_unencrypted: 8080\nempty: ""\n'

/** Gives the identity, and notes each time that it was asked. */
const KEEPER = (identity: string): string => `import { appendFileSync } from 'node:fs'
import { defineProvider, secret } from '@chaos/core'
export default defineProvider({ async read() { appendFileSync('asked', '.'); return secret(${JSON.stringify(identity)}) } })
`

let desk: Desk
let vault: Vault
beforeAll(() => buildIfStale(), 300_000)
beforeEach(async () => {
  desk = makeDesk()
  vault = await addVault(desk, PLAIN)
})
afterEach(() => desk.remove())

const chobolo = (content: string, more = ''): string => desk.write('ch-obolo.yml', `files:\n  - { path: ${desk.folder}/made, content: "${content}", mode: "0600" }\n${more}`)
const made = (): string => readFileSync(path.join(desk.folder, 'made'), 'utf8')

describe('a key of the secrets file in a Ch-obolo', () => {
  it('is read by the name sops, in a list and in clear too, and is nowhere in what is told', async () => {
    chobolo('${secret:sops:app.password} ${secret:sops:app.tokens[0]} ${secret:sops:app.port_unencrypted}')
    const { code, stdout, stderr } = await desk.chaos(['apply', '-y', '-vvv', '--diff'])
    expect([code, made()]).toEqual([0, 'canary-of-the-vault canary-of-a-list 8080'])
    expect(`${stdout}${stderr}`).not.toContain('canary')
  })

  it('with a dot in it stands in brackets, as it is listed', async () => {
    expect((await desk.chaos(['secrets', 'set', 'tls["ca.key"]'], { stdin: 'canary-of-a-dot\n' })).code).toBe(0)
    expect((await desk.chaos(['check', 'secrets'])).stdout).toContain('\ntls["ca.key"]\n')
    chobolo("${secret:sops:tls['ca.key']}")
    expect([(await desk.chaos(['apply', '-y'])).code, made()]).toEqual([0, 'canary-of-a-dot'])
    expect((await desk.chaos(['secrets', 'cat', 'tls["ca.key"]', '-v'])).stdout).toContain('canary-of-a-dot')
  })

  it('is of the file that the Ch-obolo names, or that -sf names', async () => {
    desk.write('config/config.yml', '')
    chobolo('${secret:sops:app.password}', 'secrets: { sec_file: secrets.yml }\n')
    expect([(await desk.chaos(['apply', '-y'])).code, made()]).toEqual([0, 'canary-of-the-vault'])
    chobolo('again ${secret:sops:app.password}')
    expect([(await desk.chaos(['apply', '-y', '-sf', vault.file])).code, made()]).toEqual([0, 'again canary-of-the-vault'])
  })

  it('is opened with the key that a provider keeps, which is asked for once, for roles and values together', async () => {
    addWriter(desk)
    desk.addPlugin('keeper', { providers: { keeper: './index' } }, KEEPER(vault.identity))
    desk.write('config/keys.txt', '')
    chobolo('${secret:sops:app.password}', `writes: ${desk.folder}/written\n`)
    const { code, stderr } = await desk.chaos(['apply', '-y', '-p', 'keeper.age:item'])
    expect([code, made(), readFileSync(path.join(desk.folder, 'written'), 'utf8'), readFileSync(path.join(desk.folder, 'asked'), 'utf8')], stderr).toEqual([0, 'canary-of-the-vault', 'canary-of-the-vault', '.'])
  })

  it.each([
    ['is not there', 'app.nope', /secrets\.yml has no app\.nope.*ch-obolo\.yml:2:\d+.*chaos check secrets/s],
    ['is a map', 'app', /app of .*secrets\.yml is a map, and no single secret/],
    ['is empty', 'empty', /empty secret/],
    ['is no key', 'app..x', /"app\.\.x" is no key of a secret/],
  ])('that %s is an error which says where it stands, and nothing is done', async (_, key, said) => {
    chobolo(`\${secret:sops:${key}}`)
    const { code, stderr } = await desk.chaos(['apply', '-y'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)])
    expect(readdirSync(desk.folder)).not.toContain('made')
  })

  it('is looked for by check without a key that opens the file; where the file is not here, that is no mistake', async () => {
    desk.write('config/keys.txt', '')
    chobolo('${secret:sops:app.password} ${secret:sops:app.tokens[0]}')
    expect(await desk.chaos(['check'])).toMatchObject({ code: 0, stdout: expect.stringContaining('valid for files') as string })
    chobolo('${secret:sops:app.pasword}')
    expect(await desk.chaos(['check'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/secrets\.yml has no app\.pasword[^]*ch-obolo\.yml:2:\d+|ch-obolo\.yml:2:\d+[^]*secrets\.yml has no app\.pasword/) as string })
    desk.write('config/config.yml', 'secrets_file: /nowhere/secrets.yml\n')
    expect((await desk.chaos(['check'])).code).toBe(0)
  })

  it('is an error that says what to do where no secrets file is named, and check providers tells it too', async () => {
    chobolo('${secret:sops:app.password}')
    expect((await desk.chaos(['check', 'providers', '--status'])).stdout).toContain(`ready: ${vault.file}, with 4 keys`)
    desk.write('config/config.yml', '')
    const { code, stderr } = await desk.chaos(['apply', '-y'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/No secrets file is named.*chaos init secrets/s)])
    expect((await desk.chaos(['check', 'providers', '--status'])).stdout).toContain('not ready: No secrets file is named.')
  })
})
