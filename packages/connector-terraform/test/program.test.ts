import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { applyWith } from '@chaos/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import terraform from '../src/index.ts'
import { ask } from './support.ts'

// OpenTofu speaks as Terraform does; these scripts say which of the two was asked, and how.
const says = (text: string): string => `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`
const zone = (name: string): string => says(JSON.stringify({ zone: { sensitive: false, type: 'string', value: name } }))

let folder: string
let failing: (data?: object) => Promise<unknown>

function program(name: string, source: string): void {
  const file = join(folder, 'bin', name)
  writeFileSync(file, source)
  chmodSync(file, 0o755)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-tofu-'))
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'main.tf'), '')
  // A run of the engine: its errors of programs that are not there are part of the promise.
  failing = (data = {}) =>
    applyWith({ hosts: [{ name: '@terraform/zone', data: { terraform_directory: folder, ...data } }], roles: {}, load: async (_, name) => ({ terraform })[name] }).then(
      () => Promise.reject(new Error('it went well')),
      (error: unknown) => error,
    )
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

describe('the program', () => {
  it('is terraform, or tofu as it is told', async () => {
    program('terraform', zone('by-terraform'))
    program('tofu', zone('by-tofu'))
    vi.stubEnv('PATH', `${folder}/bin:/usr/bin:/bin`)
    const names = async (data: object): Promise<string[]> => (await ask('zone', { terraform_directory: folder, ...data })).map(({ name }) => name)
    expect(await names({})).toEqual(['by-terraform'])
    expect(await names({ terraform_program: 'tofu' })).toEqual(['by-tofu'])
    expect(await names({ terraform_program: `${folder}/bin/tofu` })).toEqual(['by-tofu'])
  })

  it('is tofu where there is no terraform', async () => {
    program('tofu', says('{}'))
    vi.stubEnv('PATH', `${folder}/bin:/usr/bin:/bin`)
    expect(await failing()).toMatchObject({ code: 'TERRAFORM_STATE', hint: expect.stringContaining('tofu apply') })
  })

  it('is missed by its name, or both are', async () => {
    vi.stubEnv('PATH', `${folder}/bin`)
    expect(await failing()).toMatchObject({ code: 'TERRAFORM_MISSING', message: "Neither terraform nor tofu is on this machine's PATH." })
    expect(await failing({ terraform_program: 'tofu' })).toMatchObject({ code: 'TERRAFORM_MISSING', message: 'The program tofu is not there.' })
  })

  it.each(['{"zone": {"sensitive": true, "value": "t0p-secret"', '["t0p-secret"]', '{"zone": "t0p-secret"}'])('may print what is no outputs, of which nothing is shown: %s', async (text) => {
    program('terraform', says(text))
    vi.stubEnv('PATH', `${folder}/bin:/usr/bin:/bin`)
    const error = await failing()
    expect(error).toMatchObject({ code: 'TERRAFORM_FAILED' })
    expect(inspect(error, { depth: 9 })).not.toContain('secret')
  })

  it('may print nothing', async () => {
    program('terraform', '#!/bin/sh\n')
    vi.stubEnv('PATH', `${folder}/bin:/usr/bin:/bin`)
    expect(await failing()).toMatchObject({ code: 'TERRAFORM_FAILED' })
  })

  it('is asked in words, never by a shell', async () => {
    program('terraform', '#!/bin/sh\n[ "$1" = workspace ] && exec printf "  default\\n* %s\\n" "$(cat list)"\nprintf \'{"zone":{"sensitive":false,"value":"%s"}}\' "$TF_WORKSPACE"\n')
    vi.stubEnv('PATH', `${folder}/bin:/usr/bin:/bin`)
    writeFileSync(join(folder, 'list'), 'a;$(id)')
    await expect(ask('zone', { terraform_directory: folder, terraform_workspace: 'a;$(id)' })).rejects.toMatchObject({ message: expect.stringContaining('"a;$(id)"') })
  })
})
