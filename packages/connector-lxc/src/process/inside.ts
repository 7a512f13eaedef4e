import { setTimeout as sleep } from 'node:timers/promises'
import { ChaosError, sh } from '@chaos/core'
import type { Connection, Process } from '@chaos/core'
import { inside as insideOf, saidInstead } from '@chaos/containers/process'
import type { Inside } from '@chaos/containers/process'
import type { Lxc } from '../lxc.ts'
import { enter } from './begin.ts'
import { endProcesses } from './end.ts'

export interface InsideOptions {
  readonly base: Connection
  readonly lxc: Lxc
  readonly host: string
  /** Why nothing can run in the container any more; undefined when it runs. */
  readonly whyGone: () => Promise<ChaosError | undefined>
}

/** The code of what was ended by SIGKILL: the end of a container kills what runs in it. */
const KILLED = 137

/** Milliseconds it is given to be told as ended, where nothing can run in it. */
const CERTAIN = 20_000

/** Runs commands inside a container, by its /bin/sh, and ends what they started. */
export function inside({ base, lxc, host, whyGone }: InsideOptions): Inside {
  return insideOf({
    begin: (command, mark, options) => base.spawn(enter(lxc, command, mark), options),
    // The end of lxc-attach is not the end of what it runs; it comes last.
    end: (pids) => endProcesses(lxc, pids),
    async notBegun(process, printed) {
      const error = await notStarted(process, printed, host)
      const gone = await whyGone()
      // The engine connects again for this one; the container is then found not to run.
      return gone ? new ChaosError('CONNECTION_LOST', { message: gone.message, host, cause: gone }) : error
    },
    async exitOf({ exit }, meant) {
      const ended = await exit
      if (meant() || (ended.code !== null && ended.code !== KILLED)) return ended
      // What runs in it is ended before its end is told.
      for (const until = Date.now() + CERTAIN; !(await alive(lxc)) && Date.now() < until; await sleep(100)) {
        const gone = await whyGone()
        if (gone) throw gone
      }
      return ended
    },
  })
}

/** Whether anything can run in it. */
async function alive(lxc: Lxc): Promise<boolean> {
  return (await lxc.ask(lxc.command('lxc-attach', sh`--clear-env -- /bin/sh -c :`))).code === 0
}

async function notStarted(process: Process, printed: string, host: string): Promise<ChaosError> {
  const { code, reason, long } = await saidInstead(process, printed)
  return new ChaosError('SPAWN_FAILED', {
    message: long ? 'A command is too long to be started there.' : `Nothing could be started there (code ${code}): ${reason || 'it said nothing.'}`,
    hint: long ? 'Send what is long on stdin.' : 'See whether the container has reached a limit of processes.',
    host,
    details: { code, reason },
  })
}
