import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import path from 'node:path'

const MEMORY = '/dev/shm'
/** Of tmpfs and ramfs in statfs(2). */
const IN_MEMORY = [0x01021994, 0x858458f6]
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The folder that is kept in memory; undefined where there is none. */
export function memory(): string | undefined {
  try {
    return IN_MEMORY.includes(statfsSync(MEMORY).type) ? MEMORY : undefined
  } catch {
    return undefined
  }
}

export interface PrivateFolder {
  readonly path: string
  /** With all that is in it. */
  remove(): void
}

export interface PrivateFolderOptions {
  /** Default: {@link memory}. */
  parent: string
  /** What its name begins with, before the number of this process. */
  name: string
  /** What has to end before such a folder goes: this one, or one that a killed process left. */
  before?: (folder: string, own: boolean) => void
}

/**
 * A folder that only this user can enter. It goes when it is removed, and with the process: at its exit, and at a signal that nobody
 * else waits for. What a process left that was killed goes when the next one makes a folder of that name.
 */
export function privateFolder({ parent, name, before }: PrivateFolderOptions): PrivateFolder {
  sweep(parent, name, before)
  const folder = mkdtempSync(path.join(parent, `${name}${process.pid}-`))
  const remove = (): void => {
    if (!kept.delete(remove)) return
    if (kept.size === 0) leave()
    before?.(folder, true)
    rmSync(folder, { recursive: true, force: true })
  }
  if (kept.size === 0) listen()
  kept.add(remove)
  chmodSync(folder, 0o700)
  return { path: folder, remove }
}

/** What goes with this process. */
const kept = new Set<() => void>()

function listen(): void {
  process.on('exit', removeAll)
  for (const signal of SIGNALS) process.on(signal, onSignal)
}

function leave(): void {
  process.off('exit', removeAll)
  for (const signal of SIGNALS) process.off(signal, onSignal)
}

function removeAll(): void {
  for (const remove of kept) remove()
}

/** Another listener ends its work in its own way, and what is kept here after it. Without one the signal does what it always does, a little later. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  removeAll()
  process.kill(process.pid, signal)
}

/** Everybody may write there: a link, be it to a folder of ours, is somebody else's. */
function sweep(parent: string, name: string, before: PrivateFolderOptions['before']): void {
  for (const each of readdirSync(parent)) {
    const pid = each.startsWith(name) ? /^(\d+)-/.exec(each.slice(name.length))?.[1] : undefined
    if (pid === undefined || isAlive(Number(pid))) continue
    const folder = path.join(parent, each)
    const found = lstatSync(folder, { throwIfNoEntry: false })
    if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue
    before?.(folder, false)
    rmSync(folder, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
