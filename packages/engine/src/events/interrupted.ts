import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineEvent } from './events.ts'
import type { JournalHead } from './journal.ts'
import { processStart } from './process-start.ts'

export interface InterruptedRun {
  readonly run: string
  /** When it began, milliseconds since the epoch. */
  readonly time: number
  readonly chobolo?: string
  /** What had begun and had not ended: nobody knows how it is. */
  readonly steps: readonly { readonly host: string; readonly id: string; readonly operation: string; readonly title: string }[]
}

/** Runs whose journal has no end and whose process is gone, the newest first. */
export async function lastInterrupted(folder: string): Promise<InterruptedRun[]> {
  const runs = await Promise.all((await journals(folder)).map(judgeFile))
  return runs.filter((run) => run !== undefined)
}

/** The run before, if that one was interrupted: so each is told of once. */
export async function interruptedBefore(folder: string): Promise<InterruptedRun | undefined> {
  const [newest] = await journals(folder)
  return newest === undefined ? undefined : judgeFile(newest)
}

/** The newest first: their names begin with their time. */
async function journals(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => name.endsWith('.ndjson')).toSorted().toReversed().map((name) => join(folder, name))
}

async function judgeFile(file: string): Promise<InterruptedRun | undefined> {
  return judge(await readFile(file, 'utf8').catch(() => ''))
}

function judge(text: string): InterruptedRun | undefined {
  const [head, ...events] = text.split('\n').flatMap(parse) as [JournalHead | undefined, ...EngineEvent[]]
  if (head?.type !== 'journal' || events.some((event) => event.type === 'run.end') || isAlive(head)) return undefined
  const begin = events.find((event) => event.type === 'run.begin')
  const open = new Map<string, InterruptedRun['steps'][number]>()
  for (const event of events) {
    if (event.type === 'operation.begin') open.set(event.id, { host: event.host, id: event.id, operation: event.operation, title: event.title })
    if (event.type === 'operation.end') open.delete(event.id)
  }
  return { run: head.run, time: head.time, ...(begin && { chobolo: begin.chobolo }), steps: [...open.values()] }
}

/** The last line of a killed run may be half there. */
function parse(line: string): unknown[] {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? [value] : []
  } catch {
    return []
  }
}

function isAlive({ pid, started }: JournalHead): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  if (started !== undefined) return processStart(pid) === started
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
