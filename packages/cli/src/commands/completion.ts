import path from 'node:path'
import { ChaosError } from '@chaos/core'
import { SCRIPTS, SHELLS } from '../completion/scripts.ts'
import type { Shell } from '../completion/scripts.ts'
import { EXIT } from '../exit-codes.ts'

/** `chaos completion [SHELL]`: what the shell reads to complete `chaos`. Default: the shell of `$SHELL`. */
export async function run(shell: string | undefined): Promise<number> {
  const name = shell ?? path.basename(process.env['SHELL'] ?? '')
  if (!isShell(name)) {
    throw new ChaosError('USAGE', {
      message: name === '' ? 'For which shell? $SHELL does not say.' : `There is no completion for ${JSON.stringify(name)}.`,
      hint: `There is: ${SHELLS.map((each) => `chaos completion ${each}`).join(', ')}`,
    })
  }
  process.stdout.write(SCRIPTS[name])
  return EXIT.done
}

function isShell(name: string): name is Shell {
  return SHELLS.some((each) => each === name)
}
