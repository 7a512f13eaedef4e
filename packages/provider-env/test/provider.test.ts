import { inspect } from 'node:util'
import { revealSecret } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { explainSuite, pluginContext, providerSuite } from '@chaos/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import explain from '../src/explain.ts'
import provider from '../src/index.ts'

const context: ProviderContext = { ...pluginContext(), config: undefined }
const VALUE = 'CaNaRy with spaces ☃\nand a line\n'

beforeEach(() => vi.stubEnv('CHAOS_TEST_SECRET', VALUE))
afterEach(() => vi.unstubAllEnvs())

providerSuite({ name: 'env', provider, existing: { reference: 'CHAOS_TEST_SECRET', value: VALUE }, missing: 'CHAOS_TEST_NOTHING', describe, it })
explainSuite({ name: 'provider-env', explain, describe, it })

describe('the provider env', () => {
  it('takes a variable as it is, an empty one too', async () => {
    vi.stubEnv('CHAOS_TEST_EMPTY', '')
    expect(revealSecret(await provider.read('CHAOS_TEST_EMPTY', context))).toBe('')
  })

  it('says which variable is missing, and which was perhaps meant', async () => {
    await expect(provider.read('CHAOS_TEST_SECERT', context)).rejects.toMatchObject({ code: 'ENV_MISSING', hint: 'Did you mean CHAOS_TEST_SECRET?', details: { name: 'CHAOS_TEST_SECERT' } })
    await expect(provider.read('QQQQQQQQQQQQ', context)).rejects.toMatchObject({ code: 'ENV_MISSING', hint: expect.stringContaining('export QQQQQQQQQQQQ') as string })
  })

  it.each(['', '1A', 'A B', 'A=B', 'A\0', '__proto__.x', '$A'])('refuses %j, which names no variable', async (name) => {
    await expect(provider.read(name, context)).rejects.toMatchObject({ code: 'ENV_NAME' })
  })

  it('does not take what every object has for a variable', async () => {
    await expect(provider.read('constructor', context)).rejects.toMatchObject({ code: 'ENV_MISSING' })
    await expect(provider.read('__proto__', context)).rejects.toMatchObject({ code: 'ENV_MISSING' })
  })

  it('takes what it read out of the environment of what is started from then on, and still gives it', async () => {
    const printed = async (): Promise<string> => (await context.run(['env'])).stdout
    expect(await printed()).toContain('CaNaRy')
    await provider.read('CHAOS_TEST_SECRET', context)
    expect(await printed()).not.toContain('CaNaRy')
    expect(revealSecret(await provider.read('CHAOS_TEST_SECRET', context))).toBe(VALUE)
  })

  it('shows no value, whatever one does with what it gives', async () => {
    const value = await provider.read('CHAOS_TEST_SECRET', context)
    expect(inspect(value, { depth: 9, showHidden: true }) + JSON.stringify({ value })).not.toContain('CaNaRy')
  })
})
