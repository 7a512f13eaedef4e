import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { ChaosError } from '@chaos/core'

/** The argument list that runs a shell text on a pty: util-linux `script`, so that no native module is needed. */
export async function terminalProgram(text: string): Promise<string[]> {
  const found = await findScript()
  if (found === undefined) {
    throw new ChaosError('TERMINAL_MISSING', {
      message: 'A terminal was asked for, but this machine has no program `script` to make one.',
      hint: 'Install util-linux (Debian: bsdutils), or use sudo without requiretty instead of doas.',
    })
  }
  return [found, '--quiet', '--return', '--echo', 'never', '--command', text, '/dev/null']
}

async function findScript(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter)) {
    const file = join(folder, 'script')
    try {
      await access(file, constants.X_OK)
      return file
    } catch {
      continue
    }
  }
  return undefined
}
