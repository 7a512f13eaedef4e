import type { Readable } from 'node:stream'
import { script, sh } from '@chaos/core'
import type { Command } from '@chaos/core'
import type { Lxc } from '../lxc.ts'

/** What LXC does not set; its PATH is as good as any. */
const ENVIRONMENT = ['HOME=/root', 'USER=root', 'LOGNAME=root', 'SHELL=/bin/sh']

/**
 * Says which process it is, in a line that is taken out again, and becomes the shell of the command. Its session is one that is not seen
 * inside, so it makes one of its own, by which what loses its parent is found. On a terminal LXC has done so.
 */
const BEGIN = script(`own=
if ! [ -t 0 ] && IFS= read -r stat 2>/dev/null </proc/$$/stat; then
  stat=\${stat##*) } stat=\${stat#* } stat=\${stat#* } group=\${stat%% *}
  [ "$group" = $$ ] || own=$(command -v setsid)
fi
echo "$1 $$" >&2
exec $own /bin/sh -c "$2"`)

/** A command inside a container, after the line `MARK PID`. */
export function enter(lxc: Lxc, command: Command, mark: string): Command {
  return lxc.command('lxc-attach', sh`--clear-env ${ENVIRONMENT.map((each) => sh`--set-var ${each}`)} -- /bin/sh -c ${BEGIN.text} sh ${mark} ${command.text}`)
}

/**
 * Takes the line `MARK PID` out of the beginning of a stream, and leaves all else in it, also what came before: a shell may complain about
 * its locale first. No pid when the stream ends without it; then what it held is in `rest`.
 */
export function takeLeader(stream: Readable, mark: string): Promise<{ leader: string | undefined; rest: string }> {
  return new Promise((resolve) => {
    let held = Buffer.alloc(0)
    const settle = (leader: string | undefined): void => {
      stream.off('readable', look).off('end', none).off('close', none)
      resolve({ leader, rest: held.toString() })
    }
    const none = (): void => settle(undefined)
    const look = (): void => {
      for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null) {
        held = Buffer.concat([held, chunk])
        const at = held.indexOf(`${mark} `)
        const end = at === -1 ? -1 : held.indexOf('\n', at)
        if (end !== -1) {
          const leader = held.toString('latin1', at + mark.length + 1, end).trim()
          const rest = Buffer.concat([held.subarray(0, at), held.subarray(end + 1)])
          if (rest.length > 0) stream.unshift(rest)
          return settle(leader)
        }
      }
    }
    stream.on('readable', look).once('end', none).once('close', none)
    look()
  })
}
