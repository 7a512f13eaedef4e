import { script } from '@chaos/core'

/**
 * Ends what has the given pids as leaders, in a container of busybox alone too: their sessions, and what descends from them.
 * TERM, a moment later KILL, and waits until nothing of it runs. What has made a session of its own and lost its parent is a
 * daemon, and stays. What was found once is known by its number from then on: on a busy machine it may lose its parent before
 * it is gone itself. No heredoc: some shells write a file for it, and the container may be read-only.
 */
export const END = script(`leaders=$*
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
  known=" $leaders $ever "
  found=
  more=yes
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
  ever="$ever $found"
}
ever=
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
