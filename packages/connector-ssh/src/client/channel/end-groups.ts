/** Tenths of a second that processes may take to end after TERM, and to vanish after KILL. */
const GRACE = 7
const VANISH = 20

/**
 * The text that ends process groups on the host: TERM, a moment later KILL, and it ends itself when nothing of them runs.
 * Numbers alone reach it. sshd's own way, the request `signal`, is refused for root by OpenSSH before 9.8, and tells nothing.
 */
export function endGroupsText(leaders: readonly number[]): string {
  const groups = leaders.filter((leader) => Number.isSafeInteger(leader) && leader > 1)
  return `g='${groups.join(' ')}'
tell() { for p in $g; do kill -s $1 -- -$p || kill -s $1 $p; done; }
there() { for p in $g; do kill -s 0 -- -$p && return 0; done; return 1; }
await() { i=0; while there && [ $i -lt $1 ]; do sleep 0.1 || sleep 1; i=$((i+1)); done; }
{ tell TERM; await ${GRACE}; if there; then tell KILL; await ${VANISH}; fi; } >/dev/null 2>&1
exit 0`
}
