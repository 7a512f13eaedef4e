import { readFile, stat } from 'node:fs/promises'
import { isSecret, revealSecret, secret } from '@chaos/core'
import type { PluginContext, Secret } from '@chaos/core'
import type { Settings } from '../../settings/contract.ts'
import { readPrivateKey } from './private-key.ts'
import type { KeyText, PrivateKey } from './private-key.ts'

/** A key file as it is found. */
export type KeyFile =
  | { readonly state: 'missing' }
  | Extract<KeyText, { state: 'broken' }>
  | { readonly state: 'ready'; readonly key: PrivateKey }
  | { readonly state: 'locked'; readonly blob: Buffer | undefined }

/** More than any key; a path that leads to a device or a huge file by mistake must not be read to its end. */
const LARGEST = 1 << 20

/** How often a passphrase may be typed wrongly. */
const TRIES = 3

/** Key files of one run. Each is read and unlocked once: undoing a passphrase costs a tenth of a second and more. */
interface KeyFiles {
  readonly read: Map<string, Map<Secret | undefined, Promise<KeyFile>>>
  readonly asked: Map<string, Promise<PrivateKey | string>>
}

function keyFiles(context: PluginContext): Promise<KeyFiles> {
  return context.cache('ssh:key-files', async () => ({ read: new Map(), asked: new Map() }))
}

/** Reads a key file, with the passphrase of the settings if it has one. */
export async function loadKey(path: string, { keyPassword }: Settings, context: PluginContext): Promise<KeyFile> {
  const { read } = await keyFiles(context)
  const byPassword = read.get(path) ?? new Map<Secret | undefined, Promise<KeyFile>>()
  read.set(path, byPassword)
  const found = byPassword.get(keyPassword) ?? look(path, keyPassword)
  byPassword.set(keyPassword, found)
  return found
}

async function look(path: string, passphrase: Secret | undefined): Promise<KeyFile> {
  try {
    const { size } = await stat(path)
    if (size > LARGEST) return { state: 'broken', why: 'it is too large for a key' }
    const text = await readFile(path, 'utf8')
    const found = await readPrivateKey(text, undefined)
    if (found.state !== 'locked') return found
    if (passphrase === undefined) return { state: 'locked', blob: found.blob ?? (await publicHalf(path)) }
    const unlocked = await readPrivateKey(text, revealSecret(passphrase))
    return unlocked.state === 'ready' ? unlocked : { state: 'broken', why: 'ssh_key_password does not open it' }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'missing' }
    return { state: 'broken', why: code === 'EACCES' ? 'it may not be read' : message }
  }
}

/** The public half beside a key, since the old formats do not show it before they are unlocked; or the file itself, as IdentityFile may name one. */
export async function publicHalf(path: string): Promise<Buffer | undefined> {
  for (const file of [`${path}.pub`, path]) {
    const text = await readFile(file, 'utf8').catch(() => '')
    const blob = Buffer.from(/^\s*(?:ssh|ecdsa)-[a-z0-9-]+\s+([A-Za-z0-9+/=]+)/.exec(text)?.[1] ?? '', 'base64')
    if (blob.length > 0) return blob
  }
  return undefined
}

/** Asks for the passphrase of a key, once per run whatever the number of hosts; gives the key, or why there is none. */
export async function unlockKey(path: string, context: PluginContext): Promise<PrivateKey | string> {
  const { asked } = await keyFiles(context)
  const found = asked.get(path) ?? ask(path, context)
  asked.set(path, found)
  return found
}

async function ask(path: string, context: PluginContext): Promise<PrivateKey | string> {
  for (let tried = 0; tried < TRIES; tried++) {
    let answer: string | Secret
    try {
      answer = await context.prompt({ text: `Passphrase for the key ${path}`, secret: true })
    } catch {
      return 'it has a passphrase, and nobody could be asked for it'
    }
    const given = isSecret(answer) ? answer : secret(answer)
    const read = await readPrivateKey(await readFile(path, 'utf8'), revealSecret(given))
    if (read.state === 'ready') return read.key
  }
  return 'the passphrase was wrong'
}
