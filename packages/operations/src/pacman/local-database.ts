import { script } from '@chaos/core'
import type { Command } from '@chaos/core'

/**
 * Shell text that prints fields of all installed packages, one `%FIELD% value` a line, beginning with the name. The database itself is read
 * and not `pacman -Qi`, which takes seconds for a thousand packages because it looks for who requires each. Its form has been
 * the same since pacman 4.2, which numbered it 9; another number is an error.
 */
export function localDatabase(fields: readonly string[]): Command {
  return script(`LC_ALL=C; export LC_ALL
d=$(pacman-conf DBPath)local || exit 1
set -- "$d"/*/desc
if [ -e "$1" ]; then
read -r v <"$d/ALPM_DB_VERSION" || exit 1
[ "$v" = 9 ] || { echo "the database of pacman has version $v, and 9 is what can be read" >&2; exit 1; }
awk '/^%[A-Z]+%$/ { f = $0; next } $0 == "" { f = ""; next } f ~ /^%(${['NAME', ...fields].join('|')})%$/ { print f, $0 }' "$@" || exit 1
fi`)
}

/** One line of what was printed; `undefined` for what is none. */
export function fieldOf(line: string): { field: string; value: string } | undefined {
  const [, field = '', value = ''] = /^%([A-Z]+)% (.+)$/.exec(line) ?? []
  return field === '' ? undefined : { field, value }
}

/** The name of a dependency, a conflict or a provision, without the versions it is about. */
export function bareName(dependency: string): string {
  return /^[^<>=]*/.exec(dependency)?.[0] ?? ''
}
