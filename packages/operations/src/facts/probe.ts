import { script, sh } from '@chaos/core'
import type { Command, FactOutput } from '@chaos/core'

/**
 * Shell text that tells "not there" from "not allowed" with builtins alone: what cannot be seen is
 * not there only if the nearest folder above it that can be seen may be searched. Prints 0 or d.
 * The only program it starts is for a path behind a link that leads nowhere visible.
 */
export const MISSING = script(`LC_ALL=C; export LC_ALL
chaos_missing() {
  d=$1
  while :; do
    d=\${d%/*}; [ -n "$d" ] || d=/
    if [ -e "$d" ]; then
      if [ -d "$d" ] && [ ! -x "$d" ]; then echo d; else echo 0; fi
      return
    fi
    if [ -L "$d" ]; then
      case $(stat -L -- "$d" 2>&1 >/dev/null) in *': Permission denied') echo d;; *) echo 0;; esac
      return
    fi
  done
}`)

/**
 * Goes over many paths with builtins. \`look\` prints a word for "$f" and sets k=1 for those that
 * \`program\` shall see, all in one start. Names are never printed, so none can be mistaken for an answer;
 * the picked ones are handed on by their positions, because growing "$@" is quadratic.
 */
export function probe(paths: readonly string[], look: Command, program: Command): Command {
  return sh`${MISSING}
set -- ${paths}
i=0 a=
for f do
i=$((i+1)) k=
${look}
[ -z "$k" ] || a="$a \"\${$i}\""
done
[ -z "$a" ] || eval "${program} -- $a"`
}

/** Reads an answer piece by piece. */
export interface Reader {
  /** Up to the next line end, which is taken too. */
  line(): string
  /** Up to the next NUL, which is taken too. */
  nul(): Uint8Array
  /** So many bytes. */
  bytes(count: number): Uint8Array
  /** Takes these bytes if they come next. */
  take(bytes: Uint8Array): boolean
  readonly ended: boolean
}

export function readerOf(bytes: Uint8Array): Reader {
  let at = 0
  const until = (end: number): Uint8Array => {
    const found = bytes.indexOf(end, at)
    if (found < 0) throw new Error('the answer ends too early; something may have changed while it was looked at')
    const piece = bytes.subarray(at, found)
    at = found + 1
    return piece
  }
  return {
    line: () => new TextDecoder().decode(until(10)),
    nul: () => until(0),
    bytes(count) {
      if (!(count <= bytes.length - at)) throw new Error('the answer ends too early; something may have changed while it was looked at')
      at += count
      return bytes.subarray(at - count, at)
    },
    take(expected) {
      if (Buffer.compare(bytes.subarray(at, at + expected.length), expected) !== 0) return false
      at += expected.length
      return true
    },
    get ended() {
      return at >= bytes.length
    },
  }
}

/** What is answered for a path that may not be looked at. */
export function denied(path: string): FactOutput {
  return { stdout: '', code: 13, stderr: `${path}: Permission denied` }
}
