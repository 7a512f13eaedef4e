import { access, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import type { Data } from './schema.ts'

/** Where a Vagrantfile is. */
export interface Project {
  /** Its folder. */
  readonly root: string
  /** Where Vagrant keeps what it knows of the machines: `.vagrant`. */
  readonly state: string
}

/** The project that the host's data name, as Vagrant looks for it: the folder or the nearest one above it. Throws `VAGRANT_DIRECTORY`. */
export async function findProject({ vagrant_directory: given }: Data): Promise<Project> {
  const env = process.env
  const start = path.resolve(tilde(given ?? (env['VAGRANT_CWD'] || '.')))
  if (!(await stat(start).catch(() => undefined))?.isDirectory()) throw refused(`The folder ${start}, whose machines were asked for, is not there or is no folder.`, start)
  const names = env['VAGRANT_VAGRANTFILE'] ? [env['VAGRANT_VAGRANTFILE']] : ['Vagrantfile', 'vagrantfile']
  for (let folder = start; ; folder = path.dirname(folder)) {
    for (const name of names) {
      if (await exists(path.join(folder, name))) return { root: folder, state: path.resolve(folder, tilde(env['VAGRANT_DOTFILE_PATH'] || '.vagrant')) }
    }
    if (folder === path.dirname(folder)) throw refused(`There is no ${names[0]} in ${start}, nor above it.`, start)
  }
}

/**
 * Where the host key of a machine is kept: among what Vagrant itself keeps of it, which `vagrant destroy` removes. A new machine
 * of the same name and port is thus no changed one. Undefined where Vagrant keeps nothing.
 */
export async function knownHostsOf(machine: string, provider: string, { state }: Project): Promise<string | undefined> {
  const folder = path.join(state, 'machines', machine, provider)
  return (await exists(folder)) ? path.join(folder, 'chaos_known_hosts') : undefined
}

function exists(file: string): Promise<boolean> {
  return access(file).then(() => true, () => false)
}

function tilde(text: string): string {
  return text === '~' || text.startsWith('~/') ? path.join(homedir(), text.slice(1)) : text
}

function refused(message: string, directory: string): ChaosError {
  return new ChaosError('VAGRANT_DIRECTORY', { message, hint: 'Name the folder of the Vagrantfile: vagrant_directory. Relative paths start where chaos runs.', details: { directory } })
}
