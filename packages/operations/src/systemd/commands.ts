import { lines, script, sh } from '@chaos/core'
import type { Command } from '@chaos/core'
import { managed, scope, staleDropIns } from './scope.ts'

/**
 * Runs `$1` (start, restart, reload) for the other arguments. What failed, then or right after, is told with its last journal lines and,
 * in the last line, how it ended; systemctl alone says only where to look.
 */
const BRING_UP = script(`LC_ALL=C; export LC_ALL
up() {
v=$1; shift
sc reset-failed -- "$@" 2>/dev/null
sc "$v" -- "$@"; r=$?
for n do
case $(sc is-active -- "$n" 2>/dev/null) in failed) [ $r -ne 0 ] || r=1 ;; inactive|activating) [ $r -ne 0 ] || continue ;; *) continue ;; esac
journalctl --sync >/dev/null 2>&1
sc status --no-pager --full --lines=10 -- "$n" 2>&1 | tail -c 3000
sc show --property=ActiveState,Result,ExecMainStatus -- "$n" | { while IFS='=' read -r k w; do case $k in ActiveState) a=$w ;; Result) b=$w ;; ExecMainStatus) c=$w ;; esac; done; echo "$n: $a ($b, exit status $c)"; }
done >&2
return $r
}`)

export function bringUp(verb: 'start' | 'restart' | 'reload', units: readonly string[], user: string | undefined): Command {
  return lines(scope(user), BRING_UP, sh`up ${verb} ${units}`)
}

export function systemctl(verb: string, units: readonly string[], user: string | undefined): Command {
  return lines(scope(user), sh`sc ${verb} -- ${units}`)
}

/** Reads the unit files anew, if that is still needed: of several operations that travel together the first does it. */
export function daemonReload(units: readonly string[], user: string | undefined): Command {
  const stale = sh`chaos_stale ${units}; sc show --property=NeedDaemonReload -- ${units} | grep -x NeedDaemonReload=yes`
  return lines(scope(user), managed(user), staleDropIns(user), sh`! chaos_manager || [ -z "$(${stale})" ] || sc daemon-reload`)
}

/** Reads all unit files anew where the manager runs: a template's instances cannot be asked whether they need it. */
export function reloadAll(user: string | undefined): Command {
  return lines(scope(user), managed(user), sh`! chaos_manager || sc daemon-reload`)
}
