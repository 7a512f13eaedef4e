import os from 'node:os'
import path from 'node:path'

/** Where runs are remembered: `$XDG_STATE_HOME/chaos/runs`, else below `~/.local/state`. */
export function journalFolder(env: NodeJS.ProcessEnv = process.env): string {
  return path.join(env['XDG_STATE_HOME'] || path.join(os.homedir(), '.local/state'), 'chaos/runs')
}
