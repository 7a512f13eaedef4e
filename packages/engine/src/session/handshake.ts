/**
 * What a shell is told first, in front of its first frame and in the same write. It chooses at run time,
 * so that starting a shell costs no exchange.
 *
 * chaos_put    prints its argument, by a builtin: an external printf would show it in the process list.
 * chaos_s      the program that gives a part a session of its own, empty where there is none. Only then job control
 *              stands in for it: a shell that has a terminal tells of its jobs on stderr, in the middle of an answer.
 * chaos_p      the reporter of the frame that runs: a subshell in the background, so that this shell reads on.
 * chaos_gate   reads one line, byte by byte, so that what follows the line is left for `head`.
 * chaos_tree   the descendants of a process, the process last, in builtins alone.
 * chaos_is     tells a process by its line of /proc, with when it started: if the connection is lost, it can be found again.
 * chaos_kill   ends a part: TERM, up to half a second, KILL, and says K when nothing of it is left. `kill -s`, because dash takes no `kill -TERM -- -N`.
 */
export function handshake(nonce: string, options: { elevated: boolean }): string {
  return `PATH=\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin LC_ALL=C PS1= PS2=; export PATH LC_ALL
${options.elevated ? 'cd 2>/dev/null || cd /\n' : ''}chaos_p=
if [ "$(command -v printf)" = printf ]; then chaos_put() { printf %b "$1"; }
elif [ "$(command -v print)" = print ]; then chaos_put() { print -n -- "$1"; }
else echo ${nonce}S unsupported; exit; fi
if command -v setsid >/dev/null 2>&1; then chaos_s=setsid
elif busybox setsid true >/dev/null 2>&1; then chaos_s='busybox setsid'
else chaos_s=; set -m 2>/dev/null; fi
chaos_gate() { while IFS= read -r chaos_g; do case $chaos_g in go|put|no|stop) return;; *) eval "$chaos_g";; esac; done; chaos_g=stop; }
chaos_is() { { IFS= read -r chaos_i </proc/$2/stat; } 2>/dev/null && echo "$1 $chaos_i"; }
chaos_tree() {
chaos_l=" $1 " chaos_o=
while [ "$chaos_o" != "$chaos_l" ]; do chaos_o=$chaos_l
for chaos_f in /proc/[0-9]*/stat; do
{ IFS= read -r chaos_i <"$chaos_f"; } 2>/dev/null || continue
chaos_c=\${chaos_i%% *}; set -- \${chaos_i##*) }
case $chaos_l in *" $chaos_c "*) continue;; *" $2 "*) chaos_l=" $chaos_c$chaos_l";; esac
done; done
}
chaos_kill() {
chaos_tree "\${1:-$chaos_p}"; chaos_l=\${chaos_l%"$chaos_p "}
kill -s TERM $chaos_p 2>/dev/null
for chaos_i in $chaos_l; do kill -s TERM $chaos_i; done 2>/dev/null
[ -z "$1" ] || kill -s TERM -- "-$1" 2>/dev/null
chaos_i=0
while [ $chaos_i -lt 5 ] && chaos_lives "$1"; do sleep 0.1 2>/dev/null || sleep 1; chaos_i=$((chaos_i+1)); done
[ -z "$1" ] || kill -s KILL -- "-$1" 2>/dev/null
for chaos_i in $chaos_l; do kill -s KILL $chaos_i; done 2>/dev/null
echo "\${2}K"
}
chaos_lives() {
[ -z "$1" ] || ! kill -s 0 -- "-$1" 2>/dev/null || return 0
for chaos_c in $chaos_l; do kill -s 0 $chaos_c 2>/dev/null && return 0; done
return 1
}
chaos_is ${nonce}I $$
echo "${nonce}S \${BASH_VERSION:+bash} \${KSH_VERSION:+mksh} $(readlink /proc/$$/exe 2>/dev/null)"
`
}

/** The name of the shell, of what it said of itself. */
export function shellKind(said: string): string {
  return /\b(busybox|dash|mksh|bash|zsh|ksh)\b/.exec(said)?.[1] ?? 'sh'
}
