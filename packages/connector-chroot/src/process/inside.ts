import { ChaosError } from '@chaos/core'
import type { Connection, Process } from '@chaos/core'
import { inside as insideOf, saidInstead } from '@chaos/containers/process'
import type { Inside } from '@chaos/containers/process'
import type { Root } from '../root/prepare.ts'
import { enter } from './begin.ts'
import { endProcesses } from './end.ts'

/** Runs commands inside a root, by its /bin/sh, and ends what they started. */
export function inside(base: Connection, root: Root, host: string): Inside {
  let gone = false
  void root.holder?.ended.then(() => (gone = true))
  return insideOf({
    async begin(command, mark, options) {
      if (gone) throw new ChaosError('CONNECTION_LOST', { message: `The process that holds the mounts of ${root.path} has ended.`, host })
      return base.spawn(enter(root, command, mark), options)
    },
    // What the machine underneath ends by itself may be less: it knows what it started, not what changed its group since.
    end: (pids) => endProcesses(base, pids, root.sudo),
    notBegun: (process, printed) => notStarted(process, printed, host),
  })
}

async function notStarted(process: Process, printed: string, host: string): Promise<ChaosError> {
  const { code, reason, long } = await saidInstead(process, printed)
  return new ChaosError('SPAWN_FAILED', {
    message: long ? 'A command is too long to be started there.' : `Nothing could be started there (code ${code}): ${reason || 'it said nothing.'}`,
    hint: long ? 'Send what is long on stdin.' : 'See whether the machine underneath has reached a limit of processes.',
    host,
    details: { code, reason },
  })
}
