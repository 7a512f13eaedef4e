/** Tenths of a second that processes may take to end after TERM, and to vanish after KILL. */
const GRACE = 7
const VANISH = 20

/**
 * The text that ends process groups on the host, and what descends from their leaders: TERM, a moment later KILL, and it ends itself when
 * nothing of them runs. A child may have a group of its own, and a server may make none for a command (Dropbear). sshd's own way, the request `signal`, is refused for root by OpenSSH before 9.8, and tells nothing.
 */
export function endGroupsText(leaders: readonly number[]): string {
  const groups = leaders.filter((leader) => Number.isSafeInteger(leader) && leader > 1)
  return `t=
below() { echo $1; for c in $(cat /proc/$1/task/*/children || pgrep -P $1); do below $c; done; }
tell() { for x in $t; do kill -s $1 -- $x; done; }
there() { for x in $t; do kill -s 0 -- $x && return 0; done; return 1; }
await() { i=0; while there && [ $i -lt $1 ]; do sleep 0.1 || sleep 1; i=$((i+1)); done; }
{ for p in ${groups.join(' ')}; do if kill -s 0 -- -$p; then t="$t -$p"; fi; t="$t $(below $p)"; done
tell TERM; await ${GRACE}; if there; then tell KILL; await ${VANISH}; fi; } >/dev/null 2>&1
exit 0`
}
