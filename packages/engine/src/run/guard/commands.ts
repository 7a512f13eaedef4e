import { lines, script, sh } from '@chaos/core'
import type { Command } from '@chaos/core'
import type { Entry } from './contract.ts'
import { ALIVE } from './watcher.ts'

/** Kilobytes of a folder that are kept. */
const MOST = 64 * 1024

/** What the commands answer with instead of 0. */
export const NO_GUARD = 3
export const TOO_LATE = 4
export const STILL_RUNS = 5
export const NOT_DONE = 6

interface Which {
  readonly name: string
  /** Which arming is meant. */
  readonly armed: number
}

/**
 * Where the folder is, of whoever asks: below /run for root, so that copies of /etc/shadow reach no disk, else in the home. Not XDG_RUNTIME_DIR, which goes
 * with the last login.
 */
const PLACE = script(`u=$(id -u) d=
if [ "$u" = 0 ]; then set -- /run/chaos /var/lib/chaos/guard; else set -- "$HOME/.local/state/chaos/guard" "/var/tmp/chaos-guard-$u"; fi
for b do if [ -d "$b/$g" ] && [ -O "$b/$g" ]; then d=$b/$g; break; fi; done
${ALIVE}
nap() { sleep 0.1 2>/dev/null || sleep 1; }
await() { c=0; while ! "$2" && [ $c -lt $(($1 * 10)) ]; do nap; c=$((c+1)); done; "$2"; }`)

export interface ArmOptions extends Which {
  /** Those that are not kept yet. */
  readonly entries: readonly Entry[]
  readonly watcher: Command
}

/** Keeps the paths as they are, and starts a watcher that nothing of this session reaches. Says nothing; a code other than 0 refuses the change. */
export function arm({ name, armed, entries, watcher }: ArmOptions): Command {
  return lines(
    sh`g=${name} n=${armed}`,
    PLACE,
    MAKE,
    ...entries.map(({ number, path, whole }) => sh`keep ${number} ${whole ? 'whole' : 'entry'} ${path}`),
    sh`watch() { printf '%s\n' ${watcher.text}; }`,
    START,
  )
}

const MAKE = script(`umask 077
if [ -z "$d" ]; then
  for b do
    mkdir -p "$b" 2>/dev/null; [ -d "$b" ] && [ ! -L "$b" ] && [ -O "$b" ] || continue
    find "$b" -mindepth 1 -maxdepth 1 -name 'guard-*' -mmin +1440 -exec rm -rf -- {} + 2>/dev/null
    if mkdir "$b/$g" 2>/dev/null; then d=$b/$g; break; fi
  done
fi
[ -n "$d" ] || { echo "no folder of its own could be made in any of: $*" >&2; exit 73; }
keep() {
  rm -rf -- "$d/path-$1"; mkdir "$d/path-$1" || exit
  [ "$2" = whole ] || : >"$d/path-$1/entry"
  if [ ! -e "$3" ] && [ ! -L "$3" ]; then : >"$d/path-$1/absent"; return; fi
  if [ -d "$3" ] && [ ! -L "$3" ]; then
    if [ "$2" = entry ]; then stat -c '%u:%g %a' -- "$3" >"$d/path-$1/is" || exit; return; fi
    [ "$(du -sk -- "$3" | cut -f1)" -le ${MOST} ] || { echo "$3 is too large to be kept" >&2; exit 27; }
  fi
  cp -a -- "$3" "$d/path-$1/was" || exit
}`)

/**
 * Under systemd root's watcher is a unit of its own, because logind may end all that a session has started. Not from a chroot, whose systemd is that of another
 * root. Else it has a session of its own and no parent. The frame is told by what this runs in.
 */
const START = script(`n=$d/$n; rm -rf -- "$n"; mkdir "$n" || exit
{ IFS= read -r i </proc/self/stat; } 2>/dev/null && { set -- \${i##*) }; f=$2; IFS= read -r i </proc/"$f"/stat; } 2>/dev/null && { set -- \${i##*) }; echo "$f \${20}"; } >"$n/frame"
[ -e "$n/frame" ] || : >"$n/frame"
watch >"$n/watch" || exit
ready() { [ -s "$n/watcher" ]; }
if [ "$u" = 0 ] && [ -d /run/systemd/system ] && [ /proc/1/root/. -ef /. ] && command -v systemd-run >/dev/null 2>&1; then
  systemd-run --quiet --collect --unit="chaos-$g-\${n##*/}" --description='takes a change of chaos back unless it is confirmed' /bin/sh "$n/watch" "$d" "\${n##*/}" "$HOME" >/dev/null 2>&1 </dev/null && await 3 ready && exit
fi
s=; if command -v setsid >/dev/null 2>&1; then s=setsid; elif busybox setsid true >/dev/null 2>&1; then s='busybox setsid'; fi
( $s env -i PATH="$PATH" sh "$n/watch" "$d" "\${n##*/}" "$HOME" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- & )
await 5 ready || { echo 'what is to take it back did not start' >&2; exit 70; }`)

/**
 * Ends the watcher, once what runs the frame is gone; waits for that at most so many seconds. Without the folder it prints the machine's boot, with NO_GUARD.
 */
export function confirm({ name, armed, seconds }: Which & { readonly seconds: number }): Command {
  return lines(sh`g=${name} n=${armed} w=${Math.ceil(seconds)}`, PLACE, END_WATCHER, CONFIRM)
}

/** With its group, and what it waits by: what stands in a chroot must be free when this has answered. Without /proc there is its number alone; who has decided knows that it runs. */
const END_WATCHER = script(`gone() { case $p in *' -') ! kill -s 0 "\${p% *}" 2>/dev/null;; *) ! alive $p;; esac; }
end() {
  p=$(cat "$n/watcher" 2>/dev/null); [ -n "$p" ] && ! gone || return 0
  kill -s KILL -- "-\${p% *}" 2>/dev/null || kill -s KILL "\${p% *}" 2>/dev/null
  await 2 gone
}`)

const CONFIRM = script(`n=$d/$n
if [ -z "$d" ] || [ ! -d "$n" ]; then cat /proc/sys/kernel/random/boot_id 2>/dev/null; exit ${NO_GUARD}; fi
p=$(cat "$n/frame"); if [ -n "$p" ]; then await $w gone || exit ${STILL_RUNS}; fi
mkdir "$n/decided" 2>/dev/null || exit ${TOO_LATE}
end; :`)

/** Tells the watcher to take it back now, waits for it, and prints what was done. */
export function takeBackNow({ name, armed, seconds }: Which & { readonly seconds: number }): Command {
  return lines(sh`g=${name} n=${armed} w=${Math.ceil(seconds)}`, PLACE, TELL)
}

const DONE = `n=$d/$n; [ -n "$d" ] && [ -d "$n" ] || exit ${NO_GUARD}
finished() { { while read -r a b; do [ "$a" != done ] || return 0; done <"$n/result"; } 2>/dev/null; return 1; }`

const TELL = script(`${DONE}
: >"$n/undo"; await $w finished || exit ${NOT_DONE}
cat "$n/result"`)

/** Waits until it has been taken back, prints what was done and removes the folder: `path NUMBER CODE`, `undo INDEX CODE`; what commands said is on stderr. */
export function collect({ name, armed, seconds }: Which & { readonly seconds: number }): Command {
  return lines(sh`g=${name} n=${armed} w=${Math.ceil(seconds)}`, PLACE, END_WATCHER, COLLECT)
}

const REMOVE = `rm -rf -- "$d"; rmdir -- "\${d%/*}" 2>/dev/null; :`

const COLLECT = script(`${DONE}
await $w finished || exit ${NOT_DONE}
cat "$n/result"; tail -c 2000 "$n/log" >&2 2>/dev/null
end; ${REMOVE}`)

/** Removes the folder of a guard that is no longer needed. */
export function remove({ name }: Pick<Which, 'name'>): Command {
  return lines(sh`g=${name}`, PLACE, script(`[ -z "$d" ] || { ${REMOVE}
}`))
}
