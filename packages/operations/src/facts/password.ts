import { defineFact, script, sh, touch } from '@chaos/core'
import type { FactOutput } from '@chaos/core'
import { ACCOUNT_NAME } from './account-name.ts'
import { readerOf } from './probe.ts'

/** How somebody's password is kept. The hash itself stays on the host. */
export interface PasswordState {
  /** `none`: no password fits. `empty`: none is asked for. */
  readonly kind: 'hash' | 'none' | 'empty'
  /** An exclamation mark before it: no password fits as long as it stands there. */
  readonly locked: boolean
  /** SHA-256, in hex, of the hash without that mark and with a line end. */
  readonly sha256: string
}

/** For each pattern: the marks, the first character behind them, then the sum of what is behind them. */
const LOOK = script(`LC_ALL=C; export LC_ALL
cat /etc/shadow >/dev/null || exit
for p do
m=$(sed -n "s/^$p:\\(!*\\)\\([^:]\\{0,1\\}\\).*/=\\1\\2/p" /etc/shadow) || exit
if [ -n "$m" ]; then
s=$(sed -n "s/^$p:!*\\([^:]*\\).*/\\1/p" /etc/shadow | sha256sum) || exit
printf '%s %s\\0' "$m" "\${s%% *}"
else printf '\\0'; fi
done`)

/** A name for sed; what can be nobody's name fits no line. */
function patternOf(name: string): string {
  return ACCOUNT_NAME.test(name) ? name.replaceAll(/[.$]/g, (sign) => `[${sign}]`) : ':'
}

/** The password of an account of the machine itself; `null` = it has no line in /etc/shadow. Root alone may look. */
export const password = defineFact({
  name: 'server.password',
  about: 'Whether an account has a password, whether it is locked, and a sum of its hash.',
  many: {
    command: (calls: readonly (readonly [name: string])[]) => sh`set -- ${calls.map(([name]) => patternOf(name))}
${LOOK}`,
    split: (stdout, calls) => {
      const reader = readerOf(stdout)
      return calls.map((): FactOutput => ({ stdout: new TextDecoder().decode(reader.nul()) }))
    },
  },
  parse: (stdout): PasswordState | null => {
    if (stdout === '') return null
    const [, marks = '', first = '', sha256 = ''] = /^=(!*)([^:]?) ([0-9a-f]{64})$/s.exec(stdout) ?? []
    if (sha256 === '') throw new Error('the line in /etc/shadow is none')
    return { kind: first === '' ? (marks === '' ? 'empty' : 'none') : first === '*' ? 'none' : 'hash', locked: marks !== '', sha256 }
  },
  reads: (name) => [touch.named('user', name), touch.named('package')],
})
