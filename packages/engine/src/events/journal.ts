import { closeSync, mkdirSync, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { EVENTS_VERSION } from './events.ts'
import type { Listener } from './events.ts'
import { processStart } from './process-start.ts'

/** Journals that are kept. */
const KEPT = 100

export interface Journal {
  readonly path: string
  readonly listener: Listener
  close(): void
  /** Closes and removes it: of a run that never began there is nothing to tell. */
  discard(): void
}

/** The first line of a journal: its version, and who writes it. */
export interface JournalHead {
  readonly type: 'journal'
  readonly version: number
  readonly run: string
  readonly time: number
  readonly pid: number
  /** When that process started, in the kernel's ticks; with it a pid names one process for ever. */
  readonly started?: string | undefined
}

/**
 * Writes events to `FOLDER/ID.ndjson` (0600, folders 0700), each as it comes and before the next thing is done, so that even a
 * killed run loses no more than its last line. The last 100 journals are kept. Where it cannot be written, `warn` is told once, and the run goes on.
 */
export function createJournal(folder: string, runId: string, { warn }: { warn: (message: string) => void }): Journal {
  const path = join(folder, `${runId}.ndjson`)
  let warned = false
  let torn = false

  function attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      torn = true
      if (warned) return
      warned = true
      warn(`The journal ${path} cannot be written (${(error as Error).message}); the run goes on without a complete one.`)
    }
  }

  let file: number | undefined
  attempt(() => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    prune(folder)
    file = openSync(path, 'ax', 0o600)
  })

  function append(value: unknown): void {
    if (file === undefined) return
    // After a failure the last line may be half there: what follows starts on its own.
    const bytes = Buffer.from(`${torn ? '\n' : ''}${JSON.stringify(value)}\n`)
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    torn = false
  }

  const head: JournalHead = { type: 'journal', version: EVENTS_VERSION, run: runId, time: Date.now(), pid: process.pid, started: processStart(process.pid) }
  attempt(() => append(head))

  function close(): void {
    if (file === undefined) return
    const open = file
    file = undefined
    attempt(() => closeSync(open))
  }

  return {
    path,
    listener: (event) => attempt(() => append(event)),
    close,
    discard() {
      // Where it could not be made, there may be another's.
      if (file === undefined) return
      close()
      attempt(() => unlinkSync(path))
    },
  }
}

/** Leaves room for one more. Ids sort by time. */
function prune(folder: string): void {
  const journals = readdirSync(folder).filter((name) => name.endsWith('.ndjson')).toSorted()
  for (const name of journals.slice(0, Math.max(0, journals.length - (KEPT - 1)))) {
    try {
      unlinkSync(join(folder, name))
    } catch {
      // Another run that starts at the same time was quicker.
    }
  }
}
