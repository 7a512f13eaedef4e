import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Answers as the documentation of gopass says, for the few commands that are used; entries are files in clear. Others end it with 2, as there. */
const PROGRAM = `#!/bin/sh
echo "$*" >> "\${0%/*}/log"
cd "\${0%/*}/stores" 2>/dev/null || { echo 'Store not initialized' >&2; exit 6; }
case $1 in
  ls) [ "$*" = 'ls --flat' ] || exit 2; find . -type f | sed 's|^[.]/||' | sort ;;
  show) [ "$2 $3" = '--unsafe --noparsing' ] && [ $# = 4 ] || exit 2
    case $4 in locked) cat locked; cat locked >&2; exit 11 ;; esac
    if [ -d "$4" ]; then find "$4"; else cat "$4" 2>/dev/null || exit 10; fi ;;
  insert) [ $# = 2 ] || exit 2; [ ! -e "$2" ] || exit 3
    case $2 in refused) exit 12 ;; esac
    mkdir -p "$(dirname "$2")"; cat > "$2" ;;
  *) exit 2 ;;
esac
`

/** A folder with a gopass in it that stands in for the one of gopass.pw, which cannot be installed from a registry of packages. */
export function standIn(folder: string) {
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'gopass'), PROGRAM, { mode: 0o755 })
  return {
    folder,
    add(name: string, content: string) {
      mkdirSync(path.dirname(path.join(folder, 'stores', name)), { recursive: true })
      writeFileSync(path.join(folder, 'stores', name), content)
    },
    /** The commands it was given since the last time. */
    asked() {
      const log = readFileSync(path.join(folder, 'log'), 'utf8').trimEnd().split('\n')
      writeFileSync(path.join(folder, 'log'), '')
      return log
    },
  }
}
