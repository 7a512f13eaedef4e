import { script, sh } from '@chaos/core'
import type { Command } from '@chaos/core'

/** Seconds that another package manager may take. */
const PATIENCE = 600

// libalpm keeps the file open as long as it holds the lock; it writes nothing into it. Root alone sees what others have open.
const HELD = script(`lock=$(pacman-conf DBPath)db.lck
held() { [ -n "$(find /proc/[0-9]*/fd -lname "$lock" 2>/dev/null | head -n 1)" ]; }
stale() { [ "$(id -u)" = 0 ] && [ -e "$lock" ] && ! held && sleep 1 && [ -e "$lock" ] && ! held; }`)

const WAIT = script(`n=0
while [ -e "$lock" ]; do
if stale; then echo "$lock is there and no process holds it: a package manager was cut off. See that none is running, remove the file, and run it again." >&2; exit 1; fi
n=$((n+1))
[ $n -le ${PATIENCE} ] || { echo "$lock has been there for ${PATIENCE} seconds: another package manager is at work, or was cut off" >&2; exit 1; }
sleep 1
done`)

/**
 * Runs a command of pacman once no other package manager is at work. A lock whose holder is gone is an error that says so: what it was
 * doing is not known. Who is not root cannot see that, and waits.
 */
export function whenFree(command: Command): Command {
  return sh`${HELD}
${WAIT}
${command}`
}

/** Shell text that prints `%STALE% FILE` where a lock was left behind, so that the plan tells of it. */
export const TELL_STALE = sh`${HELD}
! stale || echo "%STALE% $lock"`
