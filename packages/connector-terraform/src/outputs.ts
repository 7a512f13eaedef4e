import type { PluginContext } from '@chaos/core'
import { ChaosError, nearest } from '@chaos/core'
import { holdsConfiguration } from './place.ts'
import type { Place } from './place.ts'
import { runTerraform } from './program.ts'

export interface Output {
  readonly sensitive: boolean
  readonly value: unknown
}

/** The outputs by name, read once per run for each folder and workspace. Throws `TERRAFORM_STATE` when there are none. */
export function readOutputs(place: Place, context: Pick<PluginContext, 'run' | 'cache'>): Promise<ReadonlyMap<string, Output>> {
  const { directory, workspace = null, programs } = place
  return context.cache(`terraform ${JSON.stringify([programs, directory, workspace])}`, async () => {
    // A workspace that is not there would be begun: its folder stays behind.
    if (place.workspace !== undefined) await checkWorkspace(place.workspace, place, context)
    const { program, stdout } = await runTerraform(['output', '-json', '-no-color'], place, context)
    const outputs = parseOutputs(stdout, program, directory)
    if (outputs.size === 0) throw await noOutputs(place, program)
    return outputs
  })
}

/** stdout alone is given: warnings go to stderr. No part of it may be quoted, it holds secrets in clear. */
export function parseOutputs(stdout: string, program: string, directory: string): Map<string, Output> {
  const refused = (): ChaosError =>
    new ChaosError('TERRAFORM_FAILED', {
      message: `What ${program} output -json printed in ${directory} are no outputs.`,
      hint: 'Run it there by hand. More than 10 MB are not read.',
      details: { directory, bytes: Buffer.byteLength(stdout) },
    })
  let parsed: unknown
  try {
    parsed = JSON.parse(stdout)
  } catch {
    throw refused()
  }
  if (!isMap(parsed)) throw refused()
  return new Map(
    Object.entries(parsed).map(([name, output]) => {
      if (!isMap(output) || !Object.hasOwn(output, 'value')) throw refused()
      // What does not say that it may be shown, may not.
      return [name, { sensitive: output['sensitive'] !== false, value: output['value'] }]
    }),
  )
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function checkWorkspace(workspace: string, place: Place, context: Pick<PluginContext, 'run'>): Promise<void> {
  const { program, stdout } = await runTerraform(['workspace', 'list', '-no-color'], place, context, '')
  const names = stdout.split('\n').map((line) => line.replace(/^\*?\s+/, '').trim()).filter(Boolean)
  if (names.includes(workspace)) return
  const [near] = nearest(workspace, names)
  throw new ChaosError('TERRAFORM_WORKSPACE', {
    message: `There is no workspace "${workspace}" in ${place.directory}.`,
    hint: `${near === undefined ? '' : `Did you mean "${near}"? `}There are: ${listed(names)}. A new one is made by: ${program} workspace new ${workspace}`,
    details: { directory: place.directory, workspaces: names },
  })
}

async function noOutputs({ directory, workspace }: Place, program: string): Promise<ChaosError> {
  if (!(await holdsConfiguration(directory))) {
    return new ChaosError('TERRAFORM_DIRECTORY', {
      message: `The folder ${directory} holds nothing of Terraform or OpenTofu.`,
      hint: 'Name the folder of the configuration: terraform_directory. Relative paths start where chaos runs.',
      details: { directory },
    })
  }
  const where = workspace === undefined ? directory : `${directory}, workspace ${workspace},`
  return new ChaosError('TERRAFORM_STATE', {
    message: `The state of ${where} holds no outputs.`,
    hint: `If nothing is applied yet: ${program} apply. Outputs that were written since then need it too.`,
    details: { directory },
  })
}

/** Names for a sentence, not more than are read. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ')
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown
}
