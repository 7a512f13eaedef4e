import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import type { Desk, Ended, StartOptions } from '../../command-line.ts'
import { has, tracksOf } from './mark.ts'
import { filesBelow, newFiles, processes, readable, watch } from './watch.ts'

export interface CanaryOptions extends StartOptions {
  /** Files of the desk that hold it by right, by their path there. */
  but?: readonly string[]
  /** The environment of chaos itself holds it: the user put it there. */
  inEnvironment?: boolean
  /** Done while it runs. */
  meanwhile?: (child: import('node:child_process').ChildProcess) => Promise<void>
}

export interface Seen {
  ended: Ended
  /** Where the mark was: stdout, stderr, a process, a file. */
  seen: string[]
}

/** Runs chaos, looks for the mark everywhere meanwhile and afterwards, and says where it was. */
export async function runWatched(desk: Desk, mark: string, args: readonly string[], { but = [], inEnvironment = false, meanwhile, ...options }: CanaryOptions = {}): Promise<Seen> {
  const tracks = tracksOf(mark)
  const temp = path.join(desk.folder, 'tmp')
  mkdirSync(temp, { recursive: true })
  const since = Date.now()
  const before = new Set(processes())
  const { child, ended: ending } = desk.start(args, { ...options, env: { TMPDIR: temp, ...options.env } })
  const watching = watch({ tracks, folders: [temp], before, environmentOf: inEnvironment ? child.pid : undefined })
  let ended: Ended
  try {
    await meanwhile?.(child)
    ended = await ending
  } finally {
    child.kill('SIGKILL')
  }
  const inProcesses = watching.stop()
  expect(watching.samples()).toBeGreaterThan(3)
  const rightful = but.map((name) => path.resolve(desk.folder, name))
  const files = [...new Set([...filesBelow(desk.folder), ...newFiles(since)])].filter((file) => !rightful.includes(file) && has(readable(file), tracks))
  const streams = (['stdout', 'stderr'] as const).filter((stream) => has(ended[stream], tracks))
  return { ended, seen: [...inProcesses, ...files.map((file) => path.relative(desk.folder, file)), ...streams] }
}
