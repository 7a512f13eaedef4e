import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ChaosError, nearest } from '@chaos/core'

/** The folder of the store, as pass finds it. */
export function folderOf(configured: string | undefined): string {
  const folder = configured ?? (process.env['PASSWORD_STORE_DIR'] || '~/.password-store')
  return path.resolve(folder.startsWith('~/') ? path.join(os.homedir(), folder.slice(2)) : folder)
}

/** Whether pass can write there: somebody said for which keys. */
export function isStore(folder: string): boolean {
  return existsSync(process.env['PASSWORD_STORE_KEY'] ? folder : path.join(folder, '.gpg-id'))
}

export function mustBeStore(folder: string): void {
  if (isStore(folder)) return
  throw new ChaosError('PASS_STORE', { message: `There is no password store in ${folder}.`, hint: 'Make one: pass init YOUR-GPG-KEY. Or name another: secret_providers: pass: { store: FOLDER }', details: { folder } })
}

/** Looked up in the store and not in what pass says, which is for people and in their language. */
export function has(folder: string, name: string): boolean {
  const file = path.join(folder, `${name}.gpg`)
  return existsSync(file) && statSync(file).isFile()
}

/** That there is no such entry, or no store, with the one that was perhaps meant. */
export async function missing(folder: string, name: string): Promise<ChaosError> {
  mustBeStore(folder)
  const files = await readdir(folder, { recursive: true }).catch(() => [])
  const [meant] = nearest(name, files.filter((file) => file.endsWith('.gpg')).map((file) => file.slice(0, -'.gpg'.length)))
  const hint = existsSync(path.join(folder, name)) ? 'It is a folder: name an entry in it.' : meant === undefined ? 'pass ls shows which there are.' : `Did you mean ${meant}?`
  return new ChaosError('PASS_MISSING', { message: `The password store ${folder} has no entry ${name}.`, hint, details: { folder, name } })
}
