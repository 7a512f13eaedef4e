import { defineFact, sh, touch } from '@chaos/core'
import type { FactOutput } from '@chaos/core'
import { ACCOUNT_NAME } from './account-name.ts'
import { AS_USER } from './as-user.ts'
import { denied, MISSING, readerOf } from './probe.ts'
import type { Reader } from './probe.ts'

/** Somebody's ~/.ssh/authorized_keys. */
export interface AuthorizedKeys {
  /** `no-user`, `no-home`: there is none yet. */
  readonly state: 'no-user' | 'no-home' | 'none' | 'file'
  readonly home: string
  readonly text: string
  /** Modes of the file and of the folder it lies in, octal; not there = ''. */
  readonly mode: string
  readonly folderMode: string
}

/** A longer file is none that anybody keeps by hand. */
const LIMIT = 256 * 1024

/** Run as the user: first a word, then modes, then the text. What is no file is never opened. */
const LOOK = sh`${MISSING}
h=$1 d=$1/.ssh f=$1/.ssh/authorized_keys
if [ ! -d "$h" ]; then [ "$(chaos_missing "$h")" = 0 ] && exit 4; exit 13; fi
cd "$h" 2>/dev/null || exit 13
m= n=
if [ ! -d "$d" ] && { [ -e "$d" ] || [ -L "$d" ]; }; then exit 7; fi
if [ -d "$d" ]; then n=$(stat -Lc %a -- "$d") || exit; [ -x "$d" ] || exit 13; fi
if [ -f "$f" ]; then [ -r "$f" ] || exit 13; m=$(stat -Lc %a -- "$f") || exit
echo "$m $n"; head -c ${LIMIT + 1} <"$f"
elif [ -e "$f" ] || [ -L "$f" ]; then exit 5
else echo " $n"; exit 3; fi`

/** What lies in somebody's home is looked at as that user, never as root: see {@link AS_USER}. */
export const authorizedKeys = defineFact({
  name: 'server.authorizedKeys',
  about: 'The keys that an account lets in.',
  many: {
    // What the user's own processes say holds no NUL any more: it cannot pass for the answer about somebody else.
    command: (calls: readonly (readonly [user: string])[]) => sh`${AS_USER}
chaos_home() { if command -v getent >/dev/null 2>&1; then getent passwd "$1"; else grep "^$1:" /etc/passwd; fi | cut -d: -f6; }
for u in ${calls.map(([user]) => (ACCOUNT_NAME.test(user) ? user : '_'))}; do
if ! id -u "$u" >/dev/null 2>&1; then printf '\n6\0\0'; continue; fi
h=$(chaos_home "$u"); [ -n "$h" ] || h=/
{ { chaos_as "$u" ${LOOK.text} "$h"; } </dev/null; printf '\n%s' $?; } | tr '\000' '?'
printf '\0%s\0' "$h"
done`,
    split: (stdout, calls) => {
      const reader = readerOf(stdout)
      return calls.map(([user]) => answerFor(user, reader))
    },
  },
  parse: (stdout): AuthorizedKeys => JSON.parse(stdout) as AuthorizedKeys,
  reads: (user) => [touch.named('authorized-keys', user), touch.named('user', user), touch.path(user === 'root' ? '/root/.ssh' : `/home/${user}/.ssh`)],
})

function answerFor(user: string, reader: Reader): FactOutput {
  const said = new TextDecoder().decode(reader.nul())
  const home = new TextDecoder().decode(reader.nul())
  const end = said.lastIndexOf('\n')
  const code = Number(said.slice(end + 1))
  const path = `${home}/.ssh/authorized_keys`
  if (code === 6) return state('no-user', '')
  if (code === 4) return state('no-home', home)
  if (code === 5) return { stdout: '', code, stderr: `${path} is no file` }
  if (code === 7) return { stdout: '', code, stderr: `${home}/.ssh is no folder that ${user} can look into` }
  if (code === 13) return denied(`${path} (as ${user})`)
  if (code !== 0 && code !== 3) return { stdout: '', code, stderr: `${path} could not be looked at as ${user}` }
  const first = said.indexOf('\n')
  const [mode = '', folderMode = ''] = said.slice(0, first).split(' ')
  const text = code === 3 ? '' : said.slice(first + 1, end)
  if (Buffer.byteLength(text) > LIMIT) return { stdout: '', code: 27, stderr: `${path} is longer than ${LIMIT / 1024} KiB` }
  return { stdout: JSON.stringify({ state: code === 3 ? 'none' : 'file', home, text, mode, folderMode } satisfies AuthorizedKeys) }
}

function state(state: 'no-user' | 'no-home', home: string): FactOutput {
  return { stdout: JSON.stringify({ state, home, text: '', mode: '', folderMode: '' } satisfies AuthorizedKeys) }
}
