import { lines, script, sh } from '@chaos/core'
import type { Command } from '@chaos/core'

/**
 * Runs `$1` (start, restart, reload) for the other arguments. What has died is marked as stopped first, because OpenRC takes it for
 * started. What it says goes to a file: a daemon that holds on to a pipe would keep it open. What failed, then or right after, is told
 * with that, with what syslog has of it, and in the last line how it ended.
 */
const BRING_UP = script(`up() {
v=$1 r=0; shift
t=$(mktemp) || return
for n do
m="/run/openrc/started/$n"
[ "$v" = reload ] || [ ! -L "$m" ] || rc-service "$n" status </dev/null >/dev/null 2>&1 || rc-service "$n" zap </dev/null >/dev/null 2>&1
rc-service "$n" "$v" </dev/null >"$t" 2>&1; c=$?
rc-service "$n" status </dev/null >/dev/null 2>&1; s=$?
case $c.$s in
0.0|0.8|0.16) [ "$v" != reload ] || [ ! -L "$m" ] || chown -h 0:0 "$m" ;;
*) r=1
tail -c 3000 "$t"
for f in /var/log/messages /var/log/syslog; do [ ! -r "$f" ] || grep -F -- "$n" "$f" | tail -n 10 | tail -c 3000; done
echo "$n: rc-service $v ended with exit code $c, and its status is $s" ;;
esac
done >&2
rm -f "$t"
return $r
}`)

/** A reload is noted by the ctime of OpenRC's link, whose mtime stays that of the start. */
export function bringUp(verb: 'start' | 'restart' | 'reload', names: readonly string[]): Command {
  return lines(BRING_UP, sh`up ${verb} ${names}`)
}

export function stop(names: readonly string[]): Command {
  return sh`r=0; for n in ${names}; do rc-service "$n" stop </dev/null >&2 || r=1; done; (exit $r)`
}

export function enable(names: readonly string[], runlevel = 'default'): Command {
  return sh`r=0; for n in ${names}; do rc-update add "$n" ${runlevel} >&2 || r=1; done; (exit $r)`
}

/** Takes each out of the runlevels it is in. */
export function disable(services: readonly { name: string; runlevels: readonly string[] }[]): Command {
  return lines(script('r=0'), ...services.map(({ name, runlevels }) => sh`rc-update del ${name} ${runlevels} >&2 || r=1`), script('(exit $r)'))
}
