import type { PluginContext } from '@chaos/core'
import { ChaosError, isChaosError } from '@chaos/core'
import type { Place } from './place.ts'

/** What of a program's complaints is passed on, from the end: its last words say why. */
const MAX_COMPLAINT = 4000
/** Seconds. A state may be far away. */
const TIMEOUT = 120

export interface Ran {
  /** The program that was there. */
  readonly program: string
  readonly stdout: string
}

/** Runs terraform or tofu in the folder, and gives what it printed. Throws `TERRAFORM_MISSING`, `TERRAFORM_FAILED`. */
export async function runTerraform(args: readonly string[], place: Place, context: Pick<PluginContext, 'run'>, workspace = place.workspace): Promise<Ran> {
  for (const program of place.programs) {
    const stdout = await tryProgram(program, args, place, context, workspace)
    if (stdout !== undefined) return { program, stdout }
  }
  const [program, other] = place.programs
  throw new ChaosError('TERRAFORM_MISSING', {
    message: other === undefined ? `The program ${program} is not there.` : `Neither ${program} nor ${other} is on this machine's PATH.`,
    hint: other === undefined ? 'Install it, or correct terraform_program.' : 'Install Terraform or OpenTofu, or name the program: terraform_program.',
    details: { programs: place.programs },
  })
}

async function tryProgram(program: string, args: readonly string[], { directory }: Place, { run }: Pick<PluginContext, 'run'>, workspace: string | undefined): Promise<string | undefined> {
  const env = { TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1', ...(workspace === undefined ? {} : { TF_WORKSPACE: workspace }) }
  const ended = await run([program, ...args], { cwd: directory, env, timeout: TIMEOUT }).catch((error: unknown) => {
    if (isChaosError(error) && error.code === 'PROGRAM_MISSING') return undefined
    throw error
  })
  if (ended === undefined || ended.code === 0) return ended?.stdout
  throw new ChaosError('TERRAFORM_FAILED', {
    message: `${program} ${args.join(' ')} failed in ${directory} with code ${ended.code}: ${summary(ended.stderr)}`,
    hint: `Run it there by hand; "${program} init" may be missing.`,
    details: { directory, code: ended.code, stderr: ended.stderr.trim().slice(-MAX_COMPLAINT) },
  })
}

/** The first error it tells, on one line: "Backend initialization required, please run …". */
function summary(stderr: string): string {
  const [, error] = /^[│ ]*Error: (.*)$/m.exec(stderr) ?? []
  const text = error ?? stderr.trim().split('\n').at(-1) ?? ''
  return text === '' ? 'it did not say why.' : `${text.slice(0, 300).replace(/\.$/, '')}.`
}
