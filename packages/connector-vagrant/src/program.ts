import type { PluginContext } from '@chaos/core'
import { ChaosError, isChaosError } from '@chaos/core'
import type { Project } from './project.ts'

/** Seconds. Providers may ask a cloud. */
const TIMEOUT = 300

/** Runs vagrant in the project's folder. A code other than 0 is a result. Throws `VAGRANT_MISSING`. */
export async function runVagrant(args: readonly string[], { root }: Project, { run }: Pick<PluginContext, 'run'>): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return await run(['vagrant', ...args], { cwd: root, env: { VAGRANT_CWD: root, VAGRANT_CHECKPOINT_DISABLE: '1' }, timeout: TIMEOUT })
  } catch (error) {
    if (!isChaosError(error) || error.code !== 'PROGRAM_MISSING') throw error
    throw new ChaosError('VAGRANT_MISSING', { message: "The program vagrant is not on this machine's PATH.", hint: 'Install Vagrant.', cause: error })
  }
}
