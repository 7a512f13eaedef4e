import { sh } from '@chaos/core'
import { END } from '@chaos/containers/process'
import type { Lxc } from '../lxc.ts'

/** Ends all that these pids inside the container have started; gives whether nothing is left. */
export async function endProcesses(lxc: Lxc, pids: readonly string[]): Promise<boolean> {
  try {
    return (await lxc.ask(lxc.command('lxc-attach', sh`--clear-env -- /bin/sh -c ${END.text} sh ${[...pids]}`))).code === 0
  } catch {
    return false
  }
}
