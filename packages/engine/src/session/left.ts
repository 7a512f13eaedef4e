import { lines, script, sh } from '@chaos/core'
import type { Command } from '@chaos/core'

/** A process of the host. With the time it started, in the kernel's ticks, a pid names one process for ever. */
export interface ProcessId {
  readonly pid: number
  readonly started: string
  /** The session it belongs to, in the kernel's sense. */
  readonly session: string
}

/** What a shell that was lost in the midst of a request may have left on the host. */
export interface Left {
  /** The shell itself: it may still be given what was under way to it. */
  readonly shell: ProcessId | undefined
  /** What runs the request. */
  readonly reporter: ProcessId | undefined
  /** What the part that runs is. */
  readonly part: ProcessId | undefined
  /** Files that were being written beside their place. */
  readonly temporaries: readonly string[]
}

/** Whether nothing of it runs any more, nor ever will; `unproven` where the host cannot tell. */
export type Leaving = 'ended' | 'running' | 'unproven'

/** Reads a line of /proc/PID/stat. The name stands in parentheses and may hold anything. */
export function processOf(stat: string): ProcessId | undefined {
  const pid = Number.parseInt(stat, 10)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const session = fields[3] ?? ''
  const started = fields[19] ?? ''
  return Number.isInteger(pid) && /^\d+$/.test(session) && /^\d+$/.test(started) ? { pid, started, session } : undefined
}

/**
 * Takes the word from a lost shell: it is killed, so that nothing that is still under way to it is run; what it runs is told to begin
 * nothing more, and what has begun is waited for, because half an upgrade is worse than a late one. Prints the machine's boot id, and
 * how it ended. What the shell did not come to tell, or began while it was looked at, is found by its session, all of which is waited for:
 * that dies at its next word, which nobody hears. A connection may give all its shells one session, ours too: then it tells nothing.
 * Nothing is signalled that started at another time or on another boot: pids come back.
 */
export function endLeft({ shell, reporter, part, temporaries }: Left, { boot, seconds }: { boot: string | undefined; seconds: number }): Command {
  const pair = (process: ProcessId | undefined): string => (process ? `${process.pid} ${process.started}` : '')
  return lines(
    sh`w=${boot ?? 'unknown'} m=${pair(shell)} r=${pair(reporter)} c=${pair(part)} g=${shell?.session ?? ''} n=${Math.ceil(seconds * 5)}
remove() { rm -f -- ${temporaries}; }`,
    ENDING,
  )
}

/** What `endLeft` printed. */
export function readEnding(stdout: string): { boot: string | undefined; left: Leaving } {
  const left = /^left (ended|running)$/m.exec(stdout)?.[1] as Leaving | undefined
  return { boot: /^boot (\S+)$/m.exec(stdout)?.[1], left: left ?? 'unproven' }
}

/** In builtins alone, but for the sleeping. The third field of a stat line and those behind it become $1 and so on: $2 is its parent, $4 its session, ${20} its start. */
const ENDING = script(`b=; { IFS= read -r b </proc/sys/kernel/random/boot_id; } 2>/dev/null
is() { { IFS= read -r i </proc/"$1"/stat; } 2>/dev/null || return 1; o=$2; set -- \${i##*) }; case $1 in [ZX]) return 1;; esac; [ "\${20}" = "$o" ]; }
lives() { set -- $r $c; while [ $# -ge 2 ]; do is "$1" "$2" && return 0; shift 2; done; return 1; }
still() { set -- $r; while [ $# -ge 2 ]; do is "$1" "$2" && kill -s HUP "$1"; shift 2; done; }
family() { h=$1 v=$2 l=
for f in /proc/[0-9]*/stat; do
  { IFS= read -r i <"$f"; } 2>/dev/null || continue
  q=\${i%% *}; set -- \${i##*) }; case $h in parent) e=$2;; *) e=$4;; esac
  [ "$e" != "$v" ] || [ "$q" = "$k" ] || l="$l $q \${20}"
done; }
await() { while lives && [ $n -gt 0 ]; do sleep 0.2 2>/dev/null || { sleep 1; n=$((n-4)); }; n=$((n-1)); done; ! lives; }
s=ended
if [ -z "$b" ]; then s=unproven
elif [ "$b" = "$w" ]; then
  k=; [ -z "$m" ] || ! is $m || k=\${m% *}
  [ -z "$k" ] || { family parent $k; r="$r$l"; }
  still 2>/dev/null
  [ -z "$k" ] || kill -s KILL "$k"
  if ! await; then s=running
  elif [ -z "$m" ]; then s=unproven
  else
    { IFS= read -r i </proc/$$/stat; } 2>/dev/null; set -- \${i##*) }
    if [ "$4" != "$g" ]; then family session $g; c=$l; await || s=running
    elif [ -z "$k$r" ]; then s=unproven; fi
  fi
fi
[ $s = running ] || remove
echo "boot $b"
echo "left $s"`)
