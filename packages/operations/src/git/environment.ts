import { script, sh, word } from '@chaos/core'
import type { Command } from '@chaos/core'
import { AS_USER } from '../facts/as-user.ts'

/** Where git works, and as whom. */
export interface Place {
  /** Of the repository; its own configuration is used once it is there. */
  readonly path: string
  /** Who owns it, or will. Not given = who owns what is there, else who runs the operation. */
  readonly owner?: string | undefined
  /** Path of a private key on the host. */
  readonly sshKey?: string | undefined
}

/**
 * What keeps git from asking anybody, and a question from leaving a refreshed index behind. A host key that is not known is refused, whatever
 * the defaults of ssh are: nobody looked at it. How the user's own configuration calls ssh is kept, and comes first.
 */
const UNATTENDED = script(`LC_ALL=C GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=true GIT_OPTIONAL_LOCKS=0 GIT_CEILING_DIRECTORIES=\${1%/*}
export LC_ALL GIT_TERMINAL_PROMPT GIT_ASKPASS GIT_OPTIONAL_LOCKS GIT_CEILING_DIRECTORIES
unset SSH_ASKPASS
cd -- "$1" 2>/dev/null || cd /
s=$(git config core.sshCommand) || s=\${GIT_SSH_COMMAND:-ssh}`)

/**
 * Shell text that root runs as the one the files belong to: a repository can name programs for git to run, and those of somebody else are not
 * run as root. It starts in the repository, or in / while there is none; `$1` is the path.
 */
export function asOwner({ path, owner, sshKey }: Place, command: Command): Command {
  const key = sshKey === undefined ? [] : ['-i', sshKey, '-o', 'IdentitiesOnly=yes']
  const inner = word(sh`${UNATTENDED}
GIT_SSH_COMMAND="$s "${sh`-o BatchMode=yes -o StrictHostKeyChecking=yes ${key}`.text}; export GIT_SSH_COMMAND
${command}`)
  return sh`${AS_USER}
p=${path} o=${owner ?? ''}
[ -n "$o" ] || o=$(stat -c %U -- "$p" 2>/dev/null) || o=$(id -un)
if [ "$(id -u)" = 0 ] && [ "$o" != root ]; then
( HOME=$(getent passwd "$o" | cut -d: -f6)
[ -n "$HOME" ] || { echo "there is no user $o" >&2; exit 1; }
export HOME
chaos_as "$o" ${inner} "$p" )
else
sh -c ${inner} sh "$p"
fi`
}
