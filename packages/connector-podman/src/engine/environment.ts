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

export interface Receiving {
  readonly program: readonly string[]
  /** Gives it the environment; its input is then the program's. */
  readonly send: (process: Process) => Promise<void>
}

/**
 * A program that is given its environment on stdin: what podman is told by `--env` it keeps in its database, and its arguments and own
 * environment can be read by others.
 */
export function receiving(argv: readonly string[], env: Env, terminal: boolean): Receiving {
  if (Object.keys(env).length === 0) return { program: argv, send: async () => {} }
  const mark = randomBytes(12).toString('hex')
  return {
    program: ['/bin/sh', '-c', RECEIVE.text, 'sh', mark, ...argv],
    async send({ stdin, stdout }) {
      // Where it says nothing it has ended, and its exit says how.
      if (terminal && (await takePids(stdout, mark)).pids === undefined) return
      stdin.write(message(env))
    },
  }
}

function message(env: Env): string {
  const variables = Object.entries(env).map(([name, value]) => {
    const parts = (isSecret(value) ? revealSecret(value) : value).split('\n').map((line) => `+${line}\n`)
    return `=${name}\n${parts.join('-\n')}.\n`
  })
  return `${variables.join('')}\n`
}
