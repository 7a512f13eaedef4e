import type { Readable } from 'node:stream'
import { script, sh } from '@chaos/core'
import type { Command } from '@chaos/core'
import { asRoot } from '../elevate.ts'
import type { Root } from '../root/prepare.ts'
import { ENVIRONMENT } from '../root/prepare-script.ts'

/**
 * Says which processes it and what it came from are, in a line that is taken out again, and becomes the program. Its session must be one
 * of theirs, so that what loses its parent is found by it; in a namespace of pids it may be somebody's who is not seen there. On a
 * terminal it is left as it is: another session would have none.
 */
const BEGIN = script(`own=
if ! [ -t 0 ] && IFS= read -r stat 2>/dev/null </proc/$$/stat; then
  stat=\${stat##*) } stat=\${stat#* } stat=\${stat#* } group=\${stat%% *} stat=\${stat#* } session=\${stat%% *}
  case $session in $2|$$) ;; *) [ "$group" = $$ ] || own=$(command -v setsid) ;; esac
fi
echo "$1 $2 $$" >&2
shift 2
exec $own "$@"`)

/** A command inside a root, after the line `MARK PID PID`. */
export function enter({ path, sudo, holder }: Root, command: Command, mark: string): Command {
  const mounts = holder === undefined ? sh`` : sh`nsenter -t ${holder.pid} -m -r`
  return asRoot(sh`/bin/sh -c ${BEGIN.text} sh ${mark} $$ ${mounts} env -i ${ENVIRONMENT} chroot ${path} /bin/sh -c ${command.text}`, sudo)
}

/**
 * Takes the line `MARK PID PID` out of the beginning of a stream, and leaves all else in it, also what came before: a shell may complain
 * about its locale first. No pids when the stream ends without it; then what it held is in `rest`.
 */
export function takeLeaders(stream: Readable, mark: string): Promise<{ leaders: readonly string[] | undefined; rest: string }> {
  return new Promise((resolve) => {
    let held = Buffer.alloc(0)
    const settle = (leaders: readonly string[] | undefined): void => {
      stream.off('readable', look).off('end', none).off('close', none)
      resolve({ leaders, rest: held.toString() })
    }
    const none = (): void => settle(undefined)
    const look = (): void => {
      for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null) {
        held = Buffer.concat([held, chunk])
        const at = held.indexOf(`${mark} `)
        const end = at === -1 ? -1 : held.indexOf('\n', at)
        if (end !== -1) {
          const leaders = held.toString('latin1', at + mark.length + 1, end).match(/\d+/g) ?? undefined
          const rest = Buffer.concat([held.subarray(0, at), held.subarray(end + 1)])
          if (rest.length > 0) stream.unshift(rest)
          return settle(leaders)
        }
      }
    }
    stream.on('readable', look).once('end', none).once('close', none)
    look()
  })
}
