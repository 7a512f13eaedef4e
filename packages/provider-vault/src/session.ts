import type { PluginContext, ProviderContext } from '@chaos/core'
import type { VaultConfig } from './config.ts'
import type { Mount } from './mount.ts'
import type { Kept } from './read.ts'
import { settingsOf } from './settings.ts'
import type { Settings } from './settings.ts'
import { tokenOf } from './token.ts'
import { makeAsk } from './vault.ts'
import type { Ask, Told } from './vault.ts'

/** A run's acquaintance with Vault: one login, and nothing is asked twice. */
export interface Session {
  readonly config: VaultConfig
  readonly settings: Settings
  /** With the token. */
  ask(question: Omit<Ask, 'token'>, signal: AbortSignal): Promise<Told>
  /** Known so far. */
  readonly mounts: Mount[]
  /** By the first part of the path. */
  readonly finding: Map<string, Promise<Mount>>
  readonly reads: Map<string, Promise<Kept>>
}

export function sessionOf({ config: section, ...context }: ProviderContext<VaultConfig | undefined>): Promise<Session> {
  return context.cache('provider-vault', () => open(section ?? {}, context))
}

async function open(config: VaultConfig, context: PluginContext): Promise<Session> {
  const settings = await settingsOf(config)
  const ask = await makeAsk(settings)
  let token: Promise<string> | undefined
  return {
    config,
    settings,
    ask: async (question, signal) => ask({ ...question, token: await (token ??= tokenOf(config, ask, context)) }, signal),
    mounts: [],
    finding: new Map(),
    reads: new Map(),
  }
}
