import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { WritePart } from './contract.ts'
import { bytesOf, printing, quoted } from './text.ts'

/** Contents up to this many bytes travel in the frame; larger ones after it has said that it is ready. */
export const IN_FRAME = 8 * 1024

/** The texts of an atomic write, each for a subshell of its own; what fails there leaves the old file and no other. */
export interface WriteText {
  /** The temporary file, beside the file itself. */
  readonly temporary: string
  readonly size: number
  /** Looks whether it can be written, makes the parents. */
  readonly prepare: string
  /** Fills the temporary file from the frame; undefined = the content comes later. */
  readonly fill: string | undefined
  /** A pipeline's end that fills it from stdin, and reads on when that fails: what was left would be run as commands. */
  readonly receive: string
  /** Checks what arrived, sets owner and mode, validates, renames. */
  readonly finish: string
}

/** `isolated` gives the text that runs a command as a part of its own. */
export function writeText(part: WritePart, suffix: string, isolated: (command: string) => string): WriteText {
  const directory = posix.dirname(part.path)
  const temporary = posix.join(directory, `.chaos-${suffix}`)
  const size = contentSize(part)
  const cleanup = `chaos_t=${word(temporary)} chaos_n=${word(part.path)}
trap 'rm -f -- "$chaos_t"' EXIT; trap 'exit 143' TERM HUP`
  const inFrame = part.content instanceof Uint8Array && size <= IN_FRAME ? Buffer.from(part.content).toString('latin1') : undefined
  return {
    temporary,
    size,
    prepare: `if [ -d ${word(part.path)} ]; then ${complain(`${part.path}: Is a directory`)}; exit 21; fi
if [ ! -d ${word(directory)} ]; then ( umask 022; mkdir -p -- ${word(directory)} ) || exit 1; fi
if [ ! -w ${word(directory)} ]; then ${complain(`${directory}: cannot be written to`)}; exit 13; fi`,
    fill: inFrame === undefined ? undefined : `${cleanup}
umask 077; set -C; ${printing(inFrame)} | cat >"$chaos_t" || exit 1; set +C`,
    receive: `( umask 077; set -C; cat >${word(temporary)}; chaos_r=$?; cat >/dev/null; exit $chaos_r )`,
    finish: [inFrame === undefined ? cleanup : '', check(part, size), ownership(part), validation(part, temporary, isolated), backup(part), RENAME]
      .filter((text) => text !== '').join('\n'),
  }
}

/** The size of what a write part writes. */
export function contentSize(part: WritePart): number {
  return part.content instanceof Uint8Array ? part.content.byteLength : part.content.size
}

function check(part: WritePart, size: number): string {
  const hash = part.content instanceof Uint8Array ? createHash('sha256').update(part.content).digest('hex') : part.content.sha256
  const failed = `${complain(`${part.path}: the content did not arrive whole`)}; exit 74`
  return `if command -v sha256sum >/dev/null 2>&1; then chaos_h=$(sha256sum <"$chaos_t") || exit 1
else chaos_h=; [ "$(wc -c <"$chaos_t")" -eq ${size} ] && chaos_h=${hash}; fi
case $chaos_h in ${hash}*) ;; *) ${failed};; esac`
}

/**
 * Not told otherwise, a file keeps its owner, group and mode. Where there is no `stat`, `ls` tells them:
 * its dashes are taken out, because chmod would subtract. Owner before mode, because chown takes setuid away.
 */
function ownership(part: WritePart): string {
  return `chaos_u=${word(part.owner ?? '')} chaos_g=${word(part.group ?? '')} chaos_m=${word(part.mode ?? '')}
if [ -e "$chaos_n" ]; then
if command -v stat >/dev/null 2>&1; then set -- $(stat -Lc '%u %g %a' -- "$chaos_n" "$chaos_t"); [ $# -eq 6 ] || exit 1
else set -- $(ls -ldnL -- "$chaos_n" | { read -r m l u g r; m=\${m#?}; a=\${m#???}; b=\${a#???}; m=u=\${m%"$a"},g=\${a%"$b"},o=\${b%"\${b#???}"}; IFS=-; set -- $m; IFS=; echo "$u $g $*"; }) - -; [ $# -eq 5 ] || exit 1; fi
chaos_m=\${chaos_m:-$3}
[ -z "$chaos_u$chaos_g" ] && [ "$1 $2" = "$4 $5" ] || chaos_u=\${chaos_u:-$1} chaos_g=\${chaos_g:-$2}
fi
[ -z "$chaos_u$chaos_g" ] || chown -- "$chaos_u\${chaos_g:+:$chaos_g}" "$chaos_t" || exit 1
chmod -- "\${chaos_m:-0644}" "$chaos_t" || exit 1`
}

function validation(part: WritePart, temporary: string, isolated: (command: string) => string): string {
  return part.validate === undefined ? '' : `${isolated(bytesOf(part.validate(temporary).text))} || exit`
}

function backup(part: WritePart): string {
  return part.backup === true ? `[ ! -e "$chaos_n" ] || cp -p -- "$chaos_n" "$chaos_n.$(date +%Y%m%dT%H%M%S)~" || exit 1` : ''
}

/** `-T`, so that a directory that has come in between is an error; a mv that does not know it is asked without. */
const RENAME = `chaos_e=$(mv -fT -- "$chaos_t" "$chaos_n" 2>&1) || case $chaos_e in
*nvalid\\ option*|*nrecognized\\ option*|*nknown\\ option*|*sage:*) [ ! -d "$chaos_n" ] && mv -f -- "$chaos_t" "$chaos_n" || exit 1;;
*) echo "$chaos_e" >&2; exit 1;;
esac
trap - EXIT`

function complain(text: string): string {
  return `{ ${printing(bytesOf(`chaos: ${text}\n`))}; } >&2`
}

function word(text: string): string {
  return quoted(bytesOf(text))
}
