import { randomBytes } from 'node:crypto'
import { revealSecret, isSecret, script } from '@chaos/core'
import type { Process } from '@chaos/core'
import type { ExecOptions } from '@chaos/containers'
import { takePids } from '@chaos/containers/process'

type Env = NonNullable<ExecOptions['env']>

/**
 * Reads variables from its input, `=NAME`, `+a part of its value`, `-` for the end of a line, `.` for its end, until an empty line, and becomes
 * the program. On a terminal nothing of it may be shown or acted upon, and it is asked for when that holds.
 */
const RECEIVE = script(`_chaos_tty=
if [ -t 0 ]; then
  _chaos_tty=$(stty -g) && stty raw -echo || exit 126
  echo "$1 $$"
fi
shift
while IFS= read -r _chaos_line && [ "$_chaos_line" ]; do
  case $_chaos_line in
    =*) _chaos_name=\${_chaos_line#=} _chaos_value= ;;
    +*) _chaos_value=$_chaos_value\${_chaos_line#+} ;;
    -) _chaos_value="$_chaos_value
" ;;
    .) export "$_chaos_name=$_chaos_value" ;;
  esac
done
[ -z "$_chaos_tty" ] || stty "$_chaos_tty"
exec "$@"`)

/**
 * Runs a program that is given its environment on stdin: what podman is told by `--env` it keeps in its database, and its arguments and
 * own environment can be read by others.
 */
export async function withEnvironment({ argv, env = {}, terminal = false }: ExecOptions, run: (argv: ExecOptions['argv']) => Promise<Process>): Promise<Process> {
  if (Object.keys(env).length === 0) return run(argv)
  const mark = randomBytes(12).toString('hex')
  const process = await run(['/bin/sh', '-c', RECEIVE.text, 'sh', mark, ...argv])
  // A program that ends before it has read everything is no error: `exit` tells how it ended. On a terminal, also one that says nothing.
  process.stdin.on('error', () => {})
  if (!terminal || (await takePids(process.stdout, mark)).pids !== undefined) process.stdin.write(message(env))
  return process
}

function message(env: Env): string {
  const variables = Object.entries(env).map(([name, value]) => {
    const parts = (isSecret(value) ? revealSecret(value) : value).split('\n').map((line) => `+${line}\n`)
    return `=${name}\n${parts.join('-\n')}.\n`
  })
  return `${variables.join('')}\n`
}
