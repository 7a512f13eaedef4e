import { script } from '@chaos/core'

/**
 * Holds a service of podman for as long as its input lasts, and leaves nothing of it. Arguments: a mark, which is also the name of the
 * folder of its socket, and the program with its options; none = somebody else's service is used. Says `MARK PID` when it can be reached.
 *
 * Its input are the ids of the programs that were run in containers by it, one a line. A podman that was asked by HTTP lets a `conmon` wait
 * for five minutes behind each, as Docker would keep their exit codes, and in 4.3 no option of its own says less. TERM ends that sleep, and
 * what comes after it takes the program out of podman's database at once. It is for the child that sleeps: its parent, as long as the
 * program runs, would pass it on. A child that is told before it sleeps goes to sleep all the same: each is told until it is seen no more.
 */
export const HOLD = script(`mark=$1 folder=/tmp/$1
shift
pause() { sleep 0.02 2>/dev/null || sleep 1; }
ran=
leave() {
  trap - EXIT
  if [ -d "$folder" ]; then
    until [ -s "$folder/pid" ] || ! [ -d "$folder" ]; do pause; done
    kill "$(cat "$folder/pid")"
    wait
    rm -rf "$folder"
  fi
  tries=0 told=
  while [ "$ran" ] && [ $tries -lt 100 ]; do
    tries=$((tries + 1)) waiting= more=
    for file in $(grep -lF $ran /proc/[0-9]*/cmdline); do
      pid=\${file#/proc/} pid=\${pid%/*} name= above= line=
      read -r name </proc/$pid/comm
      [ "$name" = conmon ] || continue
      read -r line </proc/$pid/stat
      line=\${line##*) } line=\${line#* } parent=\${line%% *}
      read -r above </proc/$parent/comm
      if [ "$above" = conmon ]; then
        kill $pid
        told="$told $parent " more=yes
      else
        waiting="$waiting $pid"
      fi
    done
    for pid in $waiting; do
      case $told in *" $pid "*) ;; *) more=yes ;; esac
    done
    [ "$more" ] || break
    # A program that lost its input may still have something to do, on a machine that has too.
    if [ $tries -lt 60 ]; then pause; else sleep 0.5 2>/dev/null || sleep 1; fi
  done
} 2>/dev/null
trap leave EXIT
trap 'exit 1' HUP INT TERM
if [ $# -gt 0 ]; then
  mkdir -m 700 "$folder" || exit 1
  (
    "$@" system service --time 60 "unix://$folder/socket" </dev/null >/dev/null 2>&1 &
    echo $! >"$folder/pid"
    wait $!
    rm -rf "$folder"
  ) &
  tries=0
  until [ -S "$folder/socket" ]; do
    [ -d "$folder" ] && [ $tries -lt 500 ] || exit 1
    tries=$((tries + 1))
    pause
  done
fi
echo "$mark $$"
while read -r id; do ran="$ran -e $id"; done`)
