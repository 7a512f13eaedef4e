import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import type { Desk } from '../command-line.ts'

const BOX = `import { readFileSync, writeFileSync } from 'node:fs'
import { ChaosError, defineProvider, revealSecret, secret } from '@chaos/core'
import * as z from '@chaos/operations/zod'
const config = z.strictObject({ folder: z.string() })
export default defineProvider({
  config,
  read: async (item, { config: { folder } }) => secret(readFileSync(folder + '/' + item, 'utf8')),
  write: async (item, value, { config: { folder } }) => {
    writeFileSync(folder + '/item-' + item, revealSecret(value), { flag: 'wx' })
    return 'item-' + item
  },
})
export const reads = defineProvider({ read: async () => secret('x') })
export const telling = defineProvider({
  read: async (item) => secret('x'),
  write: async (item, value) => { throw new ChaosError('NOT_TAKEN', { message: 'Not taken: ' + revealSecret(value).trim().split('\\n').at(-1) + '.' }) },
})
export const broken = defineProvider({
  read: async (item) => { throw new Error('canary-of-' + item) },
  write: async (item, value) => { throw new Error(revealSecret(value)) },
})
`

export interface Box {
  readonly folder: string
  /** Puts a key there. */
  put(item: string, text: string): void
  get(item: string): string
}

/** Gives a desk the providers `box`, which keeps items in a folder, `reads`, which stores none, `broken`, and `telling`, which tells what it does not take; and `config` besides where the box is. */
export function addBox(desk: Desk, config: (folder: string) => string): Box {
  const folder = path.join(desk.folder, 'box')
  mkdirSync(folder, { recursive: true })
  desk.addPlugin('chaos-provider-box', { providers: { box: './index', reads: './index#reads', broken: './index#broken', telling: './index#telling' } }, BOX)
  desk.write('config/config.yml', config(folder))
  return { folder, put: (item, text) => void desk.write(`box/${item}`, text), get: (item) => readFileSync(path.join(folder, item), 'utf8') }
}

/** Folders of keys in memory, and agents of gpg that have their home there, of one process of chaos. */
export function inMemoryOf(pid: number | undefined): { folders: string[]; agents: string[] } {
  return inMemory((each) => each === pid)
}

/** Those of processes of a desk that have ended: what others at work side by side have there is theirs. */
export function leftInMemory({ pids }: Desk): { folders: string[]; agents: string[] } {
  return inMemory((pid) => pids.has(pid) && !existsSync(`/proc/${pid}`))
}

function inMemory(counts: (pid: number) => boolean): { folders: string[]; agents: string[] } {
  const ours = (text: string): boolean => {
    const pid = /chaos-(?:gpg|age)-(\d+)-/.exec(text)?.[1]
    return pid !== undefined && counts(Number(pid))
  }
  return { folders: readdirSync('/dev/shm').filter(ours), agents: readdirSync('/proc').filter((name) => /^\d+$/.test(name) && ours(commandLine(name))) }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // It ended meanwhile.
    return ''
  }
}

export interface Keyring {
  readonly env: Record<string, string>
  gpg(...args: string[]): { status: number | null; stdout: string }
  /** Makes a key without a passphrase; gives its fingerprint. */
  make(name: string): string
  remove(): void
}

/** A home of gpg with an agent of its own. Short: the agent makes its socket there. */
export function makeKeyring(): Keyring {
  const home = mkdtempSync(path.join(os.tmpdir(), 'chaos-gpg-'))
  const env = { GNUPGHOME: home }
  const gpg: Keyring['gpg'] = (...args) => spawnSync('gpg', ['--batch', ...args], { encoding: 'utf8', env: { ...process.env, ...env } })
  return {
    env,
    gpg,
    make(name) {
      gpg('--passphrase', '', '--quick-gen-key', name, 'future-default', 'default', 'never')
      return /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--list-keys', '--with-colons', name).stdout)?.[1] ?? ''
    },
    remove() {
      spawnSync('gpgconf', ['--kill', 'all'], { env: { ...process.env, ...env } })
      rmSync(home, { recursive: true, force: true })
    },
  }
}
