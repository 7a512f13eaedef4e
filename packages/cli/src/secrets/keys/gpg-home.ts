import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { PluginContext } from '@chaos/core'
import { runUntil } from '../run-program.ts'
import { wrongKey } from './key-type.ts'
import { readGpgText } from './gpg-text.ts'
import { keyFolder } from './private-place.ts'

type Run = PluginContext['run']

export interface GpgHome {
  /** For GNUPGHOME. */
  readonly path: string
  /** Of the private keys in it. */
  readonly fingerprints: readonly string[]
  /** Runs gpg with the key, and where that does not help with the user's own. */
  readonly run: Run
  /** Ends its agent, and takes it away. */
  remove(): void
}

/** A home of gpg in memory that holds the private keys of a text. Throws KEY_TEXT, KEY_NO_MEMORY, PROGRAM_MISSING. */
export async function openGpgHome(text: string, from: string): Promise<GpgHome> {
  const { binary, fingerprints } = readGpgText(text, from)
  const ending = new AbortController()
  const folder = keyFolder({
    name: 'chaos-gpg-',
    before(gone, own) {
      if (own) ending.abort()
      endAgent(gone)
    },
  })
  const run = runUntil(ending.signal)
  try {
    const imported = await importKeys(binary, { run, env: { GNUPGHOME: folder.path } })
    checkImported(imported, fingerprints, from)
    return { path: folder.path, fingerprints: imported, run: withOwn(run, folder.path), remove: folder.remove }
  } catch (error) {
    folder.remove()
    throw error
  }
}

/** Fingerprints of the private keys that gpg took. */
export async function importKeys(binary: Uint8Array, { run, env = {} }: { run: Run; env?: Readonly<Record<string, string>> }): Promise<string[]> {
  const { stdout } = await run(['gpg', '--batch', '--status-fd', '1', '--import'], { stdin: binary, env })
  // Of the flags 16 says that it was a private key.
  return [...stdout.matchAll(/^\[GNUPG:\] IMPORT_OK (\d+) ([0-9A-F]+)$/gm)].filter(([, flags]) => (Number(flags) & 16) !== 0).map(([, , fingerprint]) => fingerprint as string)
}

export function checkImported(imported: readonly string[], named: readonly string[], from: string): void {
  if (imported.length === 0) throw wrongKey(from, 'gpg finds no private key in it', 'Store it again: chaos secrets export')
  const missing = named.find((each) => !imported.includes(each))
  if (missing !== undefined) throw wrongKey(from, `it names the key ${missing}, whose private part is not in it`, 'Store it again: chaos secrets export')
}

function withOwn(run: Run, home: string): Run {
  return async (argv, options = {}) => {
    const given = await run(argv, { ...options, env: { ...options.env, GNUPGHOME: home } })
    // gpg would make a home where there is none.
    if (given.code === 0 || !existsSync(process.env['GNUPGHOME'] || path.join(os.homedir(), '.gnupg'))) return given
    const own = await run(argv, options)
    return own.code === 0 ? own : given
  }
}

/** At once and without a wait, so that it can be done while the process ends. An agent without its folder would end too, some time later. */
function endAgent(home: string): void {
  for (const what of [['--kill', 'all'], ['--remove-socketdir']]) spawnSync('gpgconf', ['--homedir', home, ...what], { stdio: 'ignore', timeout: 5000 })
}
