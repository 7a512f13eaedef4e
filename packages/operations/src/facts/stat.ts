import { defineFact, script, touch } from '@chaos/core'
import type { FactOutput } from '@chaos/core'
import { normalPath } from './path.ts'
import { denied, probe, readerOf } from './probe.ts'
import type { Reader } from './probe.ts'

export type FileType = 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'block' | 'character' | 'other'

/** An entry itself; a symlink is not followed. */
export interface Stat {
  readonly type: FileType
  /** Octal, four digits: `0644`, `4755`. */
  readonly mode: string
  readonly uid: number
  readonly gid: number
  /** Name of the owner; the id where it has no name. */
  readonly user: string
  readonly group: string
  /** Bytes. */
  readonly size: number
  /** Seconds since the epoch. */
  readonly mtime: number
  /** Where a symlink leads, as written; not there when it may not be read. */
  readonly target?: string
}

/** What stands at a path: `null` = nothing. A folder above it that may not be searched is an error. */
export const stat = defineFact({
  name: 'files.stat',
  about: 'What stands at a path: type, mode, owner, size; a symlink is not followed.',
  many: {
    command: (calls: readonly (readonly [path: string])[]) => statCommand(calls.map(([path]) => normalPath(path))),
    split: (stdout, calls) => splitStats(readerOf(stdout), calls.map(([path]) => path)),
  },
  parse: (stdout): Stat | null => (stdout === '' ? null : (JSON.parse(stdout) as Stat)),
  reads: (path) => [touch.entry(normalPath(path))],
  links: (value, path) => (value?.target === undefined ? [] : [{ path: normalPath(path), target: value.target }]),
})

const LOOK = script(`if [ -L "$f" ]; then echo l; readlink -n -- "$f"; printf '\\0'; k=1
elif [ -e "$f" ]; then echo 1; k=1
else chaos_missing "$f"; fi`)

/** A name of the user database cannot hold a colon. */
export const STAT = script(`stat -c %f:%u:%g:%s:%Y:%U:%G`)

function statCommand(paths: readonly string[]) {
  return probe(paths, LOOK, STAT)
}

function splitStats(reader: Reader, paths: readonly string[]): FactOutput[] {
  const looks = paths.map(() => lookOf(reader))
  return looks.map((look, index) => {
    if (look.there) return { stdout: JSON.stringify(parseStat(reader.line(), look.target)) }
    return look.denied ? denied(paths[index] ?? '') : { stdout: '' }
  })
}

function lookOf(reader: Reader): { there: boolean; denied: boolean; target?: string } {
  const word = reader.line()
  if (word === 'l') return { there: true, denied: false, target: new TextDecoder().decode(reader.nul()) }
  return { there: word === '1', denied: word === 'd' }
}

const TYPES: Readonly<Record<number, FileType>> = {
  0o10: 'file', 0o04: 'directory', 0o12: 'link', 0o01: 'fifo', 0o14: 'socket', 0o06: 'block', 0o02: 'character',
}

/** Reads one line of {@link STAT}. */
export function parseStat(line: string, target?: string): Stat {
  const [raw = '', uid, gid, size, mtime, user = '', ...group] = line.split(':')
  const bits = parseInt(raw, 16)
  if (!Number.isInteger(bits) || mtime === undefined) throw new Error(`stat answered ${JSON.stringify(line)}`)
  const type = TYPES[bits >> 12] ?? 'other'
  return {
    type,
    mode: (bits & 0o7777).toString(8).padStart(4, '0'),
    uid: Number(uid),
    gid: Number(gid),
    user: named(user, uid),
    group: named(group.join(':'), gid),
    size: Number(size),
    mtime: Number(mtime),
    ...(type === 'link' && target ? { target } : {}),
  }
}

/** stat says UNKNOWN of an id without a name. */
function named(name: string, id: string | undefined): string {
  return name === 'UNKNOWN' || name === '' ? (id ?? '') : name
}
