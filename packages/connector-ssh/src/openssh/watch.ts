/**
 * Runs a master, and ends it when it is told so by a line, or when our end of its stdin is closed: chaos may be killed without a
 * word, and `ssh -N` would stay, with its folder. Arguments: the folder, then ssh's.
 */
export const WATCH = `folder=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
ssh=$!
{ read -r end <&3 || rm -rf -- "$folder"; kill "$ssh"; } >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$ssh"
code=$?
kill "$watch" 2>/dev/null
wait "$watch"
exit "$code"
`
