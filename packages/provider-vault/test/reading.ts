import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { isChaosError, revealSecret } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import { expect } from 'vitest'
import provider from '../src/index.ts'
import { startVault } from './vault-server.ts'

/** A Vault, a home of our own with a token in a file, and what reads. */
export async function makeReading(config: object = {}) {
  const vault = await startVault()
  const folder = mkdtempSync(join(tmpdir(), 'chaos-provider-vault-'))
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, `${vault.token}\n`)
  process.env['HOME'] = folder
  for (const name of Object.keys(process.env).filter((each) => /^(VAULT|BAO)_/.test(each))) delete process.env[name]

  const context = (given: object = {}): ProviderContext => ({ ...pluginContext(), config: { address: vault.address, token_file: tokenFile, ...config, ...given } })
  return {
    vault,
    folder,
    tokenFile,
    context,
    read: async (reference: string, given = context()): Promise<string> => revealSecret(await provider.read(reference, given)),
    /** Fails with the code, and shows neither a token nor a value, nor what was answered. */
    async mustFail(reference: string, code: string, said: RegExp = /./, given = context()): Promise<void> {
      const error: unknown = await provider.read(reference, given).catch((cause: unknown) => cause)
      expect(isChaosError(error) ? error.code : error).toBe(code)
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/CaNaRy/)
      expect(`${(error as Error).message} ${(error as { hint?: string }).hint}`).toMatch(said)
    },
    remove(): void {
      vault.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
