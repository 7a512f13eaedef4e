import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { plainYaml } from '@chaos/chobolo'
import { revealSecret, validateNow } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { config } from '../../provider-exec/src/config.ts'
import exec from '../../provider-exec/src/index.ts'
import { buildIfStale, makeDesk } from './command-line.ts'
import { recipesOf } from './recipes.ts'

const recipes = recipesOf(readFileSync(path.join(import.meta.dirname, '../../../docs/writing-a-provider.md'), 'utf8'))
const folder = mkdtempSync(path.join(tmpdir(), 'chaos-recipes-'))
const { PATH = '' } = process.env
beforeAll(() => void (process.env['PATH'] = `${folder}:${PATH}`))
afterAll(() => {
  process.env['PATH'] = PATH
  rmSync(folder, { recursive: true, force: true })
})

/** Command lines as the documentation of these programs has them, and what they print then. That of aws was tried with the real one. */
const PROGRAMS: Readonly<Record<string, { reference: string; takes: string; prints?: string }>> = {
  doppler: { reference: 'DB_PASSWORD', takes: 'secrets get DB_PASSWORD --plain --project shop --config prd' },
  infisical: { reference: 'DB_PASSWORD', takes: 'secrets get DB_PASSWORD --env=prod --path=/db --plain --silent' },
  rbw: { reference: 'db.example.net', takes: 'get db.example.net' },
  bws: { reference: 'be8e0ad8-d545-4017-a55a-b02f014d4158', takes: 'secret get be8e0ad8-d545-4017-a55a-b02f014d4158 --output json', prints: '{ "object": "secret", "key": "db", "value": "CaNaRy", "note": "" }' },
  aws: { reference: 'shop/db', takes: 'secretsmanager get-secret-value --secret-id shop/db --query SecretString --output text' },
  gcloud: { reference: 'shop-db', takes: 'secrets versions access latest --secret=shop-db' },
}
const noJq = spawnSync('jq', ['--version']).error ? ' (needs jq)' : ''

describe('a provider in a few lines of the config', () => {
  for (const [name, { reference, takes, prints = 'CaNaRy' }] of Object.entries(PROGRAMS)) {
    const needs = name === 'bws' ? noJq : ''
    it.skipIf(needs)(`runs ${name}${needs}`, async () => {
      const found = recipes.filter((each) => each.includes(`[${name},`) || each.includes(`'${name} `))
      expect(found).toHaveLength(1)
      const { value } = await plainYaml(found[0] as string)
      const section = validateNow(config, (value as { secret_providers: { exec: unknown } }).secret_providers.exec)
      if (section.issues) throw new Error(JSON.stringify(section.issues))
      writeFileSync(path.join(folder, name), `#!/bin/sh\n[ "$*" = '${takes}' ] || exit 64\necho '${prints}'\n`, { mode: 0o755 })
      const context = { ...pluginContext(), config: section.value }
      expect(revealSecret(await exec.read(reference, context))).toBe('CaNaRy')
      // And what it has not is an error.
      await expect(exec.read('nothing', context)).rejects.toMatchObject({ code: expect.stringMatching(/^EXEC_(FAILED|EMPTY)$/) as string })
    })
  }
})

describe('a provider in a few lines of code', () => {
  const desk = makeDesk()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`)
    if (request.url === '/secrets?name=db%2Fpassword') response.end('{ "value": "CaNaRy" }')
    else if (request.url === '/secrets?name=away') response.writeHead(302, { location: '/elsewhere' }).end()
    else response.writeHead(404).end()
  })
  beforeAll(() => buildIfStale(), 300_000)
  afterAll(() => {
    server.close()
    desk.remove()
  })

  it('asks a server, with a token that goes to no other', async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const env = { SHOP_SECRETS: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secrets`, SHOP_TOKEN: 'token' }
    desk.addPlugin('chaos-provider-shop', { providers: { shop: './index' } }, recipes.find((each) => each.includes('defineProvider')) as string)
    const apply = (reference: string) => {
      desk.write('ch-obolo.yml', JSON.stringify({ files: [{ path: path.join(desk.folder, 'made'), content: `\${secret:shop:${reference}}` }] }))
      return desk.chaos(['apply', '-y'], { env })
    }
    expect((await apply('db/password')).code).toBe(0)
    expect(readFileSync(path.join(desk.folder, 'made'), 'utf8')).toBe('CaNaRy')
    expect((await apply('other')).stderr).toContain('gives no other (404)')
    expect((await apply('away')).stderr).toContain('shop could not read away')
    expect(asked).toEqual(['/secrets?name=db%2Fpassword Bearer token', '/secrets?name=other Bearer token', '/secrets?name=away Bearer token'])
  })
})
