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
 * Whoever could open the pipes could give the new shell commands. They lie in a folder whose name `mktemp` makes up, so that
 * no process has it among its arguments, which everybody sees; it is told through the terminal, and the pipes are removed as
 * soon as they are open.
 */
export async function bridgeTerminal(way: Way, spawn: Spawn, dialogue: () => Promise<Attempt>): Promise<Attempt> {
  const attempt = await dialogue()
  if (!('process' in attempt)) return attempt
  const terminal = attempt.process
  const [left, right] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')]
  const bridge = await spawn(script(bridgeScript(`${left}""${right}`, way.user === 'root')), false)
  bridge.stdin.on('error', () => {})
  const folder = await folderOf(bridge, left + right)
  const at = (pipe: string) => quoted(`${folder}/${pipe}`)
  terminal.stdout.resume()
  terminal.stderr.resume()
  terminal.stdin.write(`exec sh <${at('in')} >${at('out')} 2>${at('err')}\n`)
  return { process: { stdin: bridge.stdin, stdout: bridge.stdout, stderr: bridge.stderr, exit: terminal.exit } }
}

/** Both sides open the pipes in the same order; they are gone before the first byte flows. root opens pipes of others anyway. */
function bridgeScript(word: string, forRoot: boolean): string {
  return `umask 077
for d in "$XDG_RUNTIME_DIR" /dev/shm /tmp /var/tmp "$HOME"; do
[ -n "$d" ] && ${forRoot ? '' : '[ "$d" != "$XDG_RUNTIME_DIR" ] && '}d=$(mktemp -d "$d/chaos-XXXXXXXXXXXX" 2>/dev/null) && break
d=
done
[ -n "$d" ] && cd "$d" || exit 1
trap 'cd /; rm -rf -- "$d"' EXIT
trap 'exit 143' TERM HUP
mkfifo in out err && chmod ${forRoot ? '600 in out err' : '666 in out err && chmod 711 .'} || exit 1
echo
echo "${word}$d"
exec 4>in 5<out 6<err
rm -f in out err
cd /
rmdir -- "$d"
trap - EXIT TERM HUP
cat <&5 4>&- 6<&- &
cat <&6 >&2 4>&- 5<&- &
cat >&4 5<&- 6<&-
exec 4>&-
wait`
}

/** Reads the folder that stands behind the word, after whatever the files of the login print, and leaves what follows in the stream. */
async function folderOf({ stdout, exit }: Process, word: string): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      text += chunk.toString()
      const at = text.indexOf(word)
      const end = text.indexOf('\n', at)
      if (at < 0 || end < 0) return
      stdout.off('data', read)
      stdout.pause()
      resolve(text.slice(at + word.length, end))
    }
    stdout.on('data', read)
    exit.then(({ code }) => reject(new Error(`no folder for named pipes could be made (code ${code})`)), reject)
  })
}
