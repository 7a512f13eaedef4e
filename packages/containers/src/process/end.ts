import { script } from '@chaos/core'

/**
 * Ends what has the given pids as leaders, also with busybox alone: their sessions, and what descends from them. TERM, a moment later
 * KILL, and waits until nothing of it runs: code 0. Code 1: something is left. Code 2: there is no /proc, so it cannot tell, and ended
 * nothing. What has made a session of its own and lost its parent is a daemon, and stays.
 *
 * What was found once is known from then on: on a busy machine it may lose its parent before it is gone itself. By when it started too,
 * as its number may be another's a moment later. No heredoc: some shells write a file for it, and the place may be read-only.
 */
export const END = script(`leaders=$*
[ -r /proc/self/stat ] || exit 2
table() {
  for folder in /proc/[0-9]*; do
    line=
    while IFS= read -r part; do line="$line $part"; done 2>/dev/null <"$folder/stat"
    set -- \${line##*) }
    case $1 in ''|Z|X) ;; *) echo "$2:$4:\${folder#/proc/}:\${20}" ;; esac
  done
}
members() {
  entries=$(table 2>/dev/null)
  known=" $leaders " past=$ever ever= found= more=yes
  while [ "$more" ]; do
    more=
    for entry in $entries; do
      parent=\${entry%%:*} entry=\${entry#*:} session=\${entry%%:*} entry=\${entry#*:} pid=\${entry%:*}
      case " $found " in *" $pid "*) continue ;; esac
      case "$known$past" in
        *" $pid "*|*" $parent "*|*" $session "*|*" $entry "*) known="$known$pid " found="$found $pid" ever="$ever$entry " more=yes ;;
      esac
    done
  done
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
