import { randomBytes } from 'node:crypto'
import { script } from '@chaos/core'
import type { Process } from '@chaos/core'
import type { Attempt } from './elevate.ts'
import type { Way } from './elevation.ts'
import type { Spawn } from './start.ts'
import { quoted } from './text.ts'

/**
 * For doas with a password and sudo's requiretty. A terminal is one stream and changes bytes, so it is used for the dialogue
 * alone: then the new shell takes three named pipes for its streams, whose other ends are a second process without a terminal.
 * The pipes lie in a folder whose random name is told through the terminal, so that the process list does not have it, and
 * which is removed as soon as they are open.
 */
export async function bridgeTerminal(way: Way, spawn: Spawn, dialogue: () => Promise<Attempt>): Promise<Attempt> {
  const attempt = await dialogue()
  if (!('process' in attempt)) return attempt
  const terminal = attempt.process
  const bridge = await spawn(script(bridgeScript(`chaos-${randomBytes(12).toString('hex')}`, way.user === 'root' ? '600' : '666')), false)
  bridge.stdin.on('error', () => {})
  const folder = await firstLine(bridge)
  const at = (pipe: string) => quoted(`${folder}/${pipe}`)
  terminal.stdout.resume()
  terminal.stderr.resume()
  terminal.stdin.write(`exec sh <${at('in')} >${at('out')} 2>${at('err')}\n`)
  return { process: { stdin: bridge.stdin, stdout: bridge.stdout, stderr: bridge.stderr, exit: terminal.exit } }
}

/** Both sides open the pipes in the same order; the folder is gone before the first byte flows. */
function bridgeScript(name: string, mode: string): string {
  return `umask 077
for d in "$XDG_RUNTIME_DIR" /dev/shm /tmp /var/tmp "$HOME"; do
[ -n "$d" ] && ${mode === '600' ? '' : '[ "$d" != "$XDG_RUNTIME_DIR" ] && '}mkdir "$d/${name}" 2>/dev/null && break
d=
done
[ -n "$d" ] && d=$d/${name} && chmod 711 "$d" && mkfifo "$d/in" "$d/out" "$d/err" && chmod ${mode} "$d/in" "$d/out" "$d/err" || exit 1
printf '%s\n' "$d"
exec 4>"$d/in" 5<"$d/out" 6<"$d/err"
rm -rf -- "$d"
cat <&5 4>&- 6<&- &
cat <&6 >&2 4>&- 5<&- &
cat >&4 5<&- 6<&-
exec 4>&-
wait`
}

/** Reads one line and leaves what follows in the stream. */
async function firstLine({ stdout, exit }: Process): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      text += chunk.toString()
      if (!text.includes('\n')) return
      stdout.off('data', read)
      stdout.pause()
      resolve(text.slice(0, text.indexOf('\n')))
    }
    stdout.on('data', read)
    exit.then(({ code }) => reject(new Error(`no folder for named pipes could be made (code ${code})`)), reject)
  })
}
