import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { has } from './mark.ts'

export interface Watch {
  /** How often all was looked at. */
  samples(): number
  stop(): string[]
}

export interface Watched {
  tracks: readonly string[]
  /** Folders that are looked through each time, whole. */
  folders: readonly string[]
  /** Whose environment may hold it: the user gave it to them. */
  environmentOf?: number | undefined
  /** Processes that were there before: what is started now is another. They are looked at only first and last. */
  before: ReadonlySet<string>
}

/** Of all processes that there are, the numbers. */
export function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
}

/** Looks at the arguments and the environment of all processes, and at all files of some folders, every 5 ms. */
export function watch({ tracks, folders, environmentOf, before }: Watched): Watch {
  const seen = new Set<string>()
  let old = before
  let samples = 0
  const look = (whole: boolean): void => {
    samples++
    const pids = processes()
    // A number that was free meanwhile is another process.
    old = new Set(pids.filter((pid) => old.has(pid)))
    for (const pid of pids) {
      if (!whole && old.has(pid)) continue
      for (const part of ['cmdline', 'environ']) {
        if (part === 'environ' && Number(pid) === environmentOf) continue
        // Between fork and exec a child is its parent. Asked before: it may have ended after.
        const fork = part === 'environ' && isFork(pid, environmentOf)
        const text = readable(`/proc/${pid}/${part}`)
        if (has(text, tracks) && !fork && !(part === 'environ' && wasFork(pid, environmentOf, tracks))) seen.add(`${part} of ${readable(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 80)}`)
      }
    }
    for (const file of folders.flatMap(filesBelow)) if (has(readable(file), tracks)) seen.add(file)
  }
  look(true)
  const timer = setInterval(() => look(false), 5)
  return {
    samples: () => samples,
    stop() {
      clearInterval(timer)
      look(true)
      return [...seen]
    },
  }
}

function isFork(pid: string, parent: number | undefined): boolean {
  if (parent === undefined || !new RegExp(`^PPid:\\s+${parent}$`, 'm').test(readable(`/proc/${pid}/status`))) return false
  return readable(`/proc/${pid}/cmdline`) === readable(`/proc/${parent}/cmdline`)
}

/** Whether it has become another program since it was looked at, which has it no more. */
function wasFork(pid: string, parent: number | undefined, tracks: readonly string[]): boolean {
  const now = parent === undefined ? '' : readable(`/proc/${pid}/environ`)
  return now !== '' && !has(now, tracks)
}

export function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).map((each) => path.join(each.parentPath, each.name))
  } catch {
    // Something in it went meanwhile.
    return []
  }
}

/** What others put into /dev/shm and the temp directory since then, two folders deep. */
export function newFiles(since: number): string[] {
  return ['/dev/shm', '/tmp'].flatMap((folder) => below(folder, since, 2))
}

function below(folder: string, since: number, depth: number): string[] {
  return names(folder).flatMap((name) => {
    const file = path.join(folder, name)
    const stat = statSync(file, { throwIfNoEntry: false })
    if (!stat || stat.uid !== process.getuid?.() || stat.ctimeMs < since) return []
    if (stat.isDirectory()) return depth === 0 ? [] : below(file, since, depth - 1)
    return stat.isFile() && stat.size < 10_000_000 ? [file] : []
  })
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** As latin1, so that bytes are text too; empty where it went meanwhile. */
export function readable(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
