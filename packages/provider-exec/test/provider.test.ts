import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { isChaosError, revealSecret, validateNow } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { explainSuite, pluginContext, providerSuite } from '@chaos/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { argvFor, config } from '../src/config.ts'
import explain from '../src/explain.ts'
import provider from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'chaos-provider-exec-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'here'), 'CaNaRy ☃\nof two lines\n')

const context = (command: string[], timeout?: number): ProviderContext => ({ ...pluginContext(), config: { command, ...(timeout !== undefined && { timeout }) } })
const sh = (script: string, timeout?: number) => context(['sh', '-c', script, 'sh'], timeout)
const read = async (given: ProviderContext, reference = 'x') => revealSecret(await provider.read(reference, given))

/** Fails with the code, and shows nothing of what the program printed. */
async function mustFail(given: ProviderContext, code: string, reference = 'x') {
  const error: unknown = await provider.read(reference, given).catch((cause: unknown) => cause)
  expect(isChaosError(error) && error.code).toBe(code)
  expect(inspect(error, { depth: 9 })).not.toContain('CaNaRy')
}

providerSuite({ name: 'exec', provider, config: { command: ['cat', `${folder}/{reference}`] }, existing: { reference: 'here', value: 'CaNaRy ☃\nof two lines' }, missing: 'nowhere', describe, it })
explainSuite({ name: 'provider-exec', explain, describe, it })

describe('the command', () => {
  it('has the reference wherever it says so, else at its end, as one argument without a shell', async () => {
    expect(argvFor(['a', 'b={reference}', '{reference}/{reference}'], 'x y$&')).toEqual(['a', 'b=x y$&', 'x y$&/x y$&'])
    expect(argvFor(['a', 'b'], '$(id) `id`')).toEqual(['a', 'b', '$(id) `id`'])
    expect(await read(context(['printf', '%s|']), "$(id); 'x'")).toBe("$(id); 'x'|")
  })

  it('gets nothing on stdin', async () => {
    expect(await read(sh('wc -c'))).toBe('0')
  })

  it('is a list that begins with a program', () => {
    const good = [{ command: ['x'] }, { command: ['x', '{reference}'], timeout: 5 }]
    const bad = [{}, { command: [] }, { command: 'x y' }, { command: [''] }, { command: ['{reference}'] }, { command: ['a', 'b\0'] }, { command: ['x'], timeout: 0 }, { command: ['x'], shell: true }]
    const accepts = (value: unknown) => 'value' in validateNow(config, value)
    expect([good.map(accepts), bad.map(accepts)]).toEqual([good.map(() => true), bad.map(() => false)])
  })

  it('does not take the reference for an option', async () => {
    await mustFail(context(['printf', '--', 'CaNaRy']), 'EXEC_REFERENCE', '--help')
    await mustFail(context(['cat', '{reference}']), 'EXEC_REFERENCE', '-')
    await mustFail(context(['cat', '{reference}']), 'EXEC_REFERENCE', 'a\0b')
    expect(await read(context(['printf', '%s', 'item/{reference}']), '-x')).toBe('item/-x')
  })
})

describe('what it prints', () => {
  it.each([['a\\n', 'a'], ['a\\r\\n', 'a'], ['a\\n\\n', 'a\n'], ['a', 'a'], [' a b \\t', ' a b \t'], ['a\\0b\\n', 'a\0b'], ['\\303\\251\\n', 'é']])('%s is the secret, without one line end', async (printed, value) => {
    expect(await read(sh(`printf '${printed}'`))).toBe(value)
  })

  it('is nothing, or a line end alone: then there is no such secret', async () => {
    await mustFail(sh('true'), 'EXEC_EMPTY')
    await mustFail(sh('echo'), 'EXEC_EMPTY')
  })

  it('is rubbish: bytes, or more than any secret has', async () => {
    await mustFail(sh("printf 'CaNaRy\\377'"), 'EXEC_OUTPUT')
    await mustFail(sh('yes CaNaRy | head -c 2000000'), 'EXEC_OUTPUT')
  })

  it('is not shown when it fails, nor what it says then', async () => {
    await mustFail(sh('echo CaNaRy; echo CaNaRy >&2; exit 3'), 'EXEC_FAILED')
    await expect(provider.read('db', sh('exit 3'))).rejects.toMatchObject({ message: 'sh ended with 3 and gave no secret for db.', details: { program: 'sh', reference: 'db', code: 3 } })
  })
})

it('without a command it says where to name one', async () => {
  const context = { ...pluginContext(), config: undefined }
  await expect(provider.read('db', context)).rejects.toMatchObject({ code: 'EXEC_COMMAND' })
  expect(await provider.status?.(context)).toMatchObject({ ready: false })
})

it('gives its timeout to what runs it, 30 seconds unless something else is said', async () => {
  const seen: unknown[] = []
  const watched = (given: ProviderContext): ProviderContext => ({ ...given, run: async (argv, options) => (seen.push(options?.timeout), given.run(argv, options)) })
  await read(watched(sh('echo a')))
  await read(watched(sh('echo a', 300)))
  expect(seen).toEqual([30, 300])
})

it('the keys in the README are those of the configuration', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  expect(Object.keys(config.shape).filter((key) => !readme.includes(`| \`${key}\` |`))).toEqual([])
})
