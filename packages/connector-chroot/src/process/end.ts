import { text } from 'node:stream/consumers'
import { sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { END } from '@chaos/containers/process'
import { asRoot } from '../elevate.ts'

/** Ends all that these pids on the machine that has the root have started; gives whether nothing is left. */
export async function endProcesses(base: Connection, pids: readonly string[], sudo: boolean): Promise<boolean> {
  try {
    const ending = await base.spawn(asRoot(sh`/bin/sh -c ${END.text} sh ${[...pids]}`, sudo))
    ending.stdin.on('error', () => {})
    ending.stdin.end()
    const [{ code }] = await Promise.all([ending.exit, text(ending.stdout), text(ending.stderr)])
    return code === 0
  } catch {
    return false
  }
}
