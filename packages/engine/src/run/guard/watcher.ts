import { lines, script, sh } from '@chaos/core'
import type { Command } from '@chaos/core'
import type { Entry } from './contract.ts'

/** Seconds that what it did can be read before it removes its folder, and that one command of undoing may take. */
const READABLE = 900
const COMMAND = 60

export interface WatcherOptions {
  /** Seconds after the end of the frame without a confirmation. */
  readonly seconds: number
  /** Seconds that the frame may take before the time runs nevertheless. */
  readonly work: number
  /** Oldest first. */
  readonly entries: readonly Entry[]
  /** Newest first, as they are to run. */
  readonly undo: readonly Command[]
}

/**
 * The script that takes changes back, for `sh FILE FOLDER NUMBER HOME`. It waits until what runs the frame is gone, then for its time; who makes the
 * folder `decided` first, it or the confirmation, has decided. First all paths, then all commands: a restart must find the old file. Its folder holds
 * copies of /etc/shadow, maybe: it is removed by whoever reads the result, else by itself.
 */
export function watcherScript({ seconds, work, entries, undo }: WatcherOptions): Command {
  return lines(
    BEGIN,
    sh`w=${work} s=${seconds}`,
    WAIT,
    ...entries.toReversed().map(({ number, path }) => sh`back ${number} ${path}`),
    ...undo.map((command, index) => sh`undo ${index} ${command.text}`),
    END,
  )
}

/** Tells whether a process with this start, in the kernel's ticks, runs. A zombie does not. */
export const ALIVE = `alive() { { IFS= read -r i </proc/"$1"/stat; } 2>/dev/null || return 1; o=$2; set -- \${i##*) }; case $1 in [ZX]) return 1;; esac; [ "\${20}" = "$o" ]; }`

const BEGIN = script(`trap '' HUP INT QUIT
PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin LC_ALL=C HOME=$3; export PATH LC_ALL HOME
umask 077
cd /
d=$1 n=$1/$2
${ALIVE}
over() { [ ! -d "$n" ] || [ -d "$n/decided" ]; }
say() { echo "$*" >>"$n/result"; }
restore() {
k=$d/path-$1
if [ -e "$k/absent" ]; then
  if [ -e "$k/entry" ] && [ -d "$2" ] && [ ! -L "$2" ]; then rmdir -- "$2" 2>/dev/null; return 0; fi
  rm -rf -- "$2"; return
fi
if [ -e "$k/is" ]; then
  read -r u m <"$k/is"; chown "$u" "$2" && chmod "$m" "$2"; return
fi
p=\${2%/*}; [ -d "\${p:=/}" ] || mkdir -p -- "$p"
t=$2.chaos-guard; rm -rf -- "$t"
cp -a -- "$k/was" "$t" || return
if [ -d "$t" ] && [ ! -L "$t" ]; then
  rm -rf -- "$t-old"
  if [ ! -e "$2" ] && [ ! -L "$2" ] || mv -- "$2" "$t-old" 2>/dev/null; then mv -- "$t" "$2" && rm -rf -- "$t-old"; return; fi
  find "$2" -mindepth 1 -delete; cp -a -- "$t/." "$2/"; r=$?; rm -rf -- "$t"; return $r
fi
if [ -d "$2" ]; then rm -rf -- "$2"; fi
mv -f -- "$t" "$2" 2>/dev/null && return
cat <"$t" >"$2"; r=$?; rm -f -- "$t"; return $r
}
back() { restore "$@" >>"$n/log" 2>&1; say path $1 $?; }
l=; if timeout 1 true 2>/dev/null; then l='timeout ${COMMAND}'; fi
undo() { $l sh -c "$2" </dev/null >>"$n/log" 2>&1; say undo $1 $?; }
{ IFS= read -r i </proc/$$/stat; } 2>/dev/null
o=\${i##*) }; set -- $o
echo "$$ \${20:--}" >"$n/watcher"`)

const WAIT = script(`t=0
while [ $t -lt $w ] && [ ! -e "$n/undo" ] && alive $(cat "$n/frame"); do over && exit; sleep 1; t=$((t+1)); done
t=0
while [ $t -lt $s ] && [ ! -e "$n/undo" ]; do over && exit; sleep 1; t=$((t+1)); done
mkdir "$n/decided" 2>/dev/null || exit`)

const END = script(`say done
t=0
while [ $t -lt ${READABLE} ] && [ -d "$n" ]; do sleep 1; t=$((t+1)); done
rm -rf -- "$d"`)
