import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import type { Data } from './schema.ts'

/** What one state is read with. */
export interface Place {
  readonly directory: string
  readonly workspace: string | undefined
  /** Names or paths of programs, the first that is there is taken. */
  readonly programs: readonly string[]
}

/** Where the host's data say the outputs are. Throws `TERRAFORM_DIRECTORY` when that is no folder. */
export async function placeOf({ terraform_directory: directory = '.', terraform_workspace: workspace, terraform_program: program }: Data): Promise<Place> {
  const resolved = path.resolve(tilde(directory))
  const found = await stat(resolved).catch((error: NodeJS.ErrnoException) => error.code ?? error.message)
  if (typeof found === 'string' || !found.isDirectory()) {
    const why = found === 'ENOENT' ? 'is not there' : typeof found === 'string' ? `cannot be read (${found})` : 'is no folder'
    throw new ChaosError('TERRAFORM_DIRECTORY', {
      message: `The folder ${resolved}, whose outputs were asked for, ${why}.`,
      hint: 'Correct terraform_directory; relative paths start where chaos runs.',
      details: { directory: resolved },
    })
  }
  // A name is looked up on PATH; a relative path would start in the configuration's folder.
  const programs = program === undefined ? ['terraform', 'tofu'] : [/[/~]/.test(program) ? path.resolve(tilde(program)) : program]
  return { directory: resolved, workspace, programs }
}

/** Whether a folder holds anything of Terraform or OpenTofu. */
export async function holdsConfiguration(directory: string): Promise<boolean> {
  const names = await readdir(directory)
  return names.some((name) => /\.(?:tf|tofu)(?:\.json)?$/.test(name) || ['.terraform', 'terraform.tfstate', 'terraform.tfstate.d'].includes(name))
}

function tilde(text: string): string {
  return text === '~' || text.startsWith('~/') ? path.join(homedir(), text.slice(1)) : text
}
