/**
 * Runs a master, and ends it when it is told so by a line, or when our end of its stdin is closed: chaos may be killed without a
 * word, and `ssh -N` would stay, with its folder. The last words are ssh's: what a shell says of jobs that were killed is not
 * heard. Arguments: the folder, then ssh's.
 */
export const WATCH = `folder=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
ssh=$!
{ read -r end <&3 || rm -rf -- "$folder"; kill "$ssh"; } >/dev/null 2>&1 &
watch=$!
exec 3<&-
exec 2>/dev/null
wait "$ssh"
code=$?
kill "$watch"
wait "$watch"
exit "$code"
`
