import { access } from 'node:fs/promises'
import { ChaosError } from '@chaos/core'
import type { PluginContext } from '@chaos/core'
import { fingerprint, keyType } from '../../known-hosts/index.ts'
import type { Settings } from '../../settings/contract.ts'
import { listAgent, signByAgent } from './agent.ts'
import type { AgentKey } from './agent.ts'
import { loadKey, publicHalf, unlockKey } from './key-file.ts'
import type { KeyFile } from './key-file.ts'

/** A key that may be shown to a host. */
export interface Identity {
  /** Its path, or what the agent calls it. */
  readonly label: string
  readonly blob: Buffer
  /** May ask for a passphrase; rejects with why it cannot. */
  readonly sign: (data: Buffer, hash: string | undefined, asking: Asking) => Promise<Buffer>
}

/** Runs something that waits for a person, during which no time is up. */
export type Asking = <T>(work: () => Promise<T>) => Promise<T>

/** What is there but cannot be shown, and why. */
export interface PassedOver {
  readonly label: string
  readonly why: string
}

export interface Identities {
  readonly usable: readonly Identity[]
  readonly passedOver: readonly PassedOver[]
  /** Certificates and FIDO keys are there, which the other transport has. */
  readonly forOpenssh: boolean
}

/**
 * The keys for a host, in the order they are shown: those that the host's data demand, then as OpenSSH has it those of the
 * agent that are files of ours too, the agent's others, and the files that only we have. A key that both have is signed for by
 * the file where it has no passphrase, else by the agent.
 */
export async function identitiesOf(settings: Settings, asking: Asking, context: PluginContext): Promise<Identities> {
  const passedOver: PassedOver[] = []
  const { agent } = settings
  const listed = await agentKeys(settings, passedOver)
  const inAgent = listed.filter(({ usable }) => usable)
  const files = await Promise.all(
    settings.keys.map(async ({ path, required }) => {
      const file = await loadKey(path, settings, context)
      // Without the private half an agent may hold it still.
      const blob = blobOf(file) ?? (await publicHalf(path))
      return { path, required, file, blob, held: inAgent.find((key) => blob?.equals(key.blob)) }
    }),
  )
  const usable: (Identity & { readonly rank: number })[] = []
  for (const { path, required, file, blob, held } of files) {
    if (file.state === 'ready') {
      usable.push({ label: path, blob: file.key.blob, rank: rankOf(required, held), sign: async (data, hash) => file.key.sign(data, hash) })
    } else if (held !== undefined && agent !== undefined) {
      usable.push({ label: path, blob: held.blob, rank: rankOf(required, held), sign: (data, hash) => signByAgent(agent, held.blob, data, hash) })
    } else if (file.state === 'locked') {
      const identity = await locked(path, blob, asking, context)
      if (typeof identity === 'string') passedOver.push({ label: path, why: identity })
      else usable.push({ ...identity, rank: rankOf(required, undefined) })
    } else {
      const why = file.state === 'missing' ? 'it is not there' : file.why
      if (required && !(file.state === 'broken' && file.type !== undefined)) throw unusable(settings, path, why)
      if (file.state === 'broken') passedOver.push({ label: path, why })
    }
  }
  if (agent !== undefined && !settings.identitiesOnly) {
    for (const { blob, comment } of inAgent) usable.push({ label: `${comment} (agent)`, blob, rank: 2, sign: (data, hash) => signByAgent(agent, blob, data, hash) })
  }
  const ordered = usable.toSorted((one, other) => one.rank - other.rank)
  return {
    usable: ordered.filter(({ blob }, index) => ordered.findIndex((other) => other.blob.equals(blob)) === index),
    passedOver,
    forOpenssh: listed.some((key) => !key.usable) || files.some(({ file }) => file.state === 'broken' && file.type !== undefined) || (await hasCertificates(settings)),
  }
}

function rankOf(required: boolean, held: AgentKey | undefined): number {
  return required ? 0 : held !== undefined ? 1 : 3
}

async function agentKeys({ agent }: Settings, passedOver: PassedOver[]): Promise<AgentKey[]> {
  if (agent === undefined) return []
  try {
    const keys = await listAgent(agent)
    for (const { blob, comment, usable } of keys) {
      if (!usable) passedOver.push({ label: `${comment} (agent)`, why: `${keyType(blob) ?? 'it'} is a kind of key that this transport cannot use` })
    }
    return keys
  } catch (error) {
    passedOver.push({ label: `the agent at ${agent}`, why: error instanceof Error ? error.message : String(error) })
    return []
  }
}

function blobOf(file: KeyFile): Buffer | undefined {
  return file.state === 'ready' ? file.key.blob : file.state === 'locked' ? file.blob : undefined
}

/** With its public half known, the host says first whether it takes the key; else the passphrase is asked for at once. */
async function locked(path: string, blob: Buffer | undefined, asking: Asking, context: PluginContext): Promise<Identity | string> {
  if (blob === undefined) {
    const key = await asking(() => unlockKey(path, context))
    return typeof key === 'string' ? key : { label: path, blob: key.blob, sign: async (data, hash) => key.sign(data, hash) }
  }
  return {
    label: path,
    blob,
    sign: async (data, hash, waiting) => {
      const key = await waiting(() => unlockKey(path, context))
      if (typeof key === 'string') throw new Error(key)
      return key.sign(data, hash)
    },
  }
}

/** Those that ssh would show by itself lie beside their keys. */
async function hasCertificates({ certificates, keys }: Settings): Promise<boolean> {
  const paths = [...certificates, ...keys.map(({ path }) => `${path}-cert.pub`)]
  const there = await Promise.all(paths.map((path) => access(path).then(() => true, () => false)))
  return there.includes(true)
}

function unusable({ name }: Settings, path: string, why: string): ChaosError {
  return new ChaosError('SSH_KEY_UNUSABLE', {
    message: `The key ${path} for ${name} cannot be used: ${why}.`,
    hint: 'Correct ssh_key (or ssh_key_password), or leave it out to try the usual keys.',
    host: name,
    details: { retry: false, path },
  })
}

/** A key as messages name it. */
export function describeKey({ label, blob }: Identity): string {
  return `${label} (${keyType(blob) ?? 'key'} ${fingerprint(blob)})`
}
