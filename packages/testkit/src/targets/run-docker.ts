import { closeSync, constants, existsSync, openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { engineIn } from './docker.ts'
import type { DockerEngine } from './docker.ts'
import { startDaemon } from './docker-daemon.ts'
import { inTurn } from './in-turn.ts'
import { find } from './missing.ts'
import { RUN } from './run-folder.ts'

let known: Promise<DockerEngine | undefined> | undefined

/**
 * The Docker engine of this test run: the first who asks, in any of its processes, starts it, and it ends with the run, however that ends.
 * Closing it does nothing. Undefined where the run has no folder.
 */
export function runDocker(): Promise<DockerEngine | undefined> {
  known ??= engineOf(process.env[RUN])
  return known
}

async function engineOf(run: string | undefined): Promise<DockerEngine | undefined> {
  const alive = run === undefined ? undefined : hold(path.join(run, 'alive'))
  if (run === undefined || alive === undefined) return undefined
  try {
    return engineIn(await inTurn(path.join(run, 'docker.lock'), () => folderOf(run)), async () => undefined)
  } finally {
    closeSync(alive)
  }
}

/** Of the engine that is there; else of one that is started. */
async function folderOf(run: string): Promise<string> {
  const note = path.join(run, 'docker')
  const noted = await readFile(note, 'utf8').catch(() => '')
  if (existsSync(noted)) return noted
  const input = openSync(path.join(run, 'alive'), 'r')
  try {
    // Who ends the run waits for this lock, so that nothing is left when it has ended.
    const { folder } = await startDaemon({ input, under: [find('flock') as string, '--close', path.join(run, 'docker.runs')] })
    await writeFile(note, folder)
    return folder
  } finally {
    closeSync(input)
  }
}

/** Its end for writing; undefined if there is nobody at the other one. While it is held, to open that one does not wait. */
function hold(fifo: string): number | undefined {
  try {
    return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
}
