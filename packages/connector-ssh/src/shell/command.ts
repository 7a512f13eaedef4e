/** All that a text may hold to stand between single quotes in every shell: csh also expands `!` there and ends at a newline, fish unescapes `\`. */
const PLAIN = /^[\x20\x22-\x26\x28-\x5B\x5D-\x7E]*$/

/**
 * One line that every login shell (sh, bash, zsh, fish, csh) turns into /bin/sh running a text: sshd hands it to the login
 * shell, whatever that is. A text that some shell would read otherwise travels as octal escapes, which /bin/sh undoes.
 */
export function loginCommand(text: string): string {
  if (PLAIN.test(text)) return `exec /bin/sh -c '${text}'`
  // The dot keeps the newlines at the end, which `$()` would take: they may follow a backslash.
  return `exec /bin/sh -c 'set -- "$(printf %b. "$1")"; eval "set --; \${1%.}"' sh '${escaped(text)}'`
}

function escaped(text: string): string {
  return Buffer.from(text).toString('latin1').replace(/[^\x20\x22-\x26\x28-\x5B\x5D-\x7E]/g, (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, '0')}`)
}
