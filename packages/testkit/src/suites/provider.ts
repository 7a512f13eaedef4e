import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isChaosError, isProvider, isSecret, revealSecret, secret } from '@chaos/core'
import type { Provider, ProviderContext } from '@chaos/core'
import { pluginContext } from './plugin-context.ts'
import type { Runner } from './runner.ts'

export interface ProviderSuiteOptions extends Runner {
  name: string
  provider: Provider
  /** Validated config. Default: none. */
  config?: unknown
  /** A secret that is there. */
  existing: { reference: string; value: string }
  /** A reference to nothing. */
  missing: string
  /** A reference that may be written and read back; used where the provider writes. */
  writable?: string
}

/** For every provider: a secret that is there is read as a Secret, one that is not is an error that says so. */
export function providerSuite({ name, provider, config, existing, missing, writable, describe, it }: ProviderSuiteOptions): void {
  const context: ProviderContext = { ...pluginContext(), config }

  describe(`the provider contract (${name})`, () => {
    it('is a provider', async () => assert.ok(isProvider(provider)))

    it('reads what is there, as a Secret', async () => {
      const value = await provider.read(existing.reference, context)
      assert.ok(isSecret(value))
      assert.equal(revealSecret(value), existing.value)
    })

    it('says that something is not there, with a code and without any secret', async () => {
      await assert.rejects(provider.read(missing, context), (error: unknown) => {
        assert.ok(isChaosError(error), `not an error of chaos: ${inspect(error)}`)
        assert.ok(!inspect(error, { depth: 9 }).includes(existing.value))
        return true
      })
    })

    const { write, status } = provider
    if (write && writable !== undefined) {
      it('reads back what it has written', async () => {
        const value = `written ☃ ${Date.now()}\n`
        assert.equal(revealSecret(await provider.read(await write(writable, secret(value), context), context)), value)
      })
    }

    if (status) {
      it('says in a sentence whether it can be used', async () => {
        const { ready, text } = await status(context)
        assert.equal(typeof ready, 'boolean')
        assert.ok(text.length > 0 && !text.includes(existing.value))
      })
    }
  })
}
