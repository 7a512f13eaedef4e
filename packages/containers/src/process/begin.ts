import { script } from '@chaos/core'

/**
 * Says which process it is, in the line `MARK ABOVE PID` on stderr, and becomes the program. Arguments: the mark; the pid of what it came
 * from, for where END can see that and shall end it too, else nothing; the program and its arguments.
 *
 * Its session must be one of these two, so that what loses its parent is found by it: in a namespace of pids it may be somebody's who is
 * not seen there, or that of all that runs there. Where it is not, it makes its own if there is a `setsid`. On a terminal it is left
 * as it is, another session would have none; so is the leader of a group, because `setsid` would hand the program to a child and end.
 */
export const BEGIN = script(`own=
if ! [ -t 0 ] && IFS= read -r stat 2>/dev/null </proc/$$/stat; then
  stat=\${stat##*) } stat=\${stat#* } stat=\${stat#* } group=\${stat%% *} stat=\${stat#* } session=\${stat%% *}
  case $session in $2|$$) ;; *) [ "$group" = $$ ] || own=$(command -v setsid) ;; esac
fi
echo "$1 $2 $$" >&2
shift 2
exec $own "$@"`)
