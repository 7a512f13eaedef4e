import { script, sh } from '@chaos/core'
import type { Lxc } from '../lxc.ts'

/**
 * Ends what has the given pids as leaders, inside a container: their sessions, and what descends from them. TERM, a moment later KILL, and
 * waits until nothing of it runs. What has made a session of its own and lost its parent is a daemon, and stays. Without /proc it cannot
 * tell: code 2.
 */
const END = script(`leaders=$*
[ -r /proc/self/stat ] || exit 2
table() {
  for folder in /proc/[0-9]*; do
    line=
    while IFS= read -r part; do line="$line $part"; done 2>/dev/null <"$folder/stat"
    set -- \${line##*) }
    case $1 in ''|Z|X) ;; *) echo "\${folder#/proc/}:$2:$4" ;; esac
  done
}
members() {
  entries=$(table 2>/dev/null)
  known=" $leaders " found= more=yes
  while [ "$more" ]; do
    more=
    for entry in $entries; do
      pid=\${entry%%:*} session=\${entry##*:} parent=\${entry#*:} parent=\${parent%:*}
      case " $found " in *" $pid "*) continue ;; esac
      case $known in
        *" $pid "*|*" $parent "*|*" $session "*) known="$known$pid " found="$found $pid" more=yes ;;
      esac
    done
  done
}
for step in TERM:7 KILL:20; do
  members
  [ "$found" ] || exit 0
  kill -s "\${step%:*}" $found 2>/dev/null
  tries=0
  while [ $tries -lt "\${step#*:}" ]; do
    members
    [ "$found" ] || exit 0
    sleep 0.1 2>/dev/null || sleep 1 || exit 1
    tries=$((tries + 1))
  done
done
exit 1`)

/** Ends all of it; gives whether nothing is left. */
export async function endProcesses(lxc: Lxc, leaders: readonly string[]): Promise<boolean> {
  try {
    return (await lxc.ask(lxc.command('lxc-attach', sh`--clear-env -- /bin/sh -c ${END.text} sh ${[...leaders]}`))).code === 0
  } catch {
    return false
  }
}
