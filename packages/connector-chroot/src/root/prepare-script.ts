import { script } from '@chaos/core'

/** What is run inside has this environment: that of the machine underneath speaks of folders that are not there. */
export const ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'USER=root', 'LOGNAME=root', 'SHELL=/bin/sh', 'TERM=dumb'] as const

/**
 * Looks at the root, mounts what is to be seen in it, and tries its shell. Arguments: a mark that its answers carry, the path, and pairs
 * of what is mounted and where. It runs in mounts of its own when there are any, which end with the last process that has them: there is
 * nothing to undo, however chaos ends, nobody else sees them, and a link that somebody puts in the way leads to nothing of others.
 * The root is mounted on itself so that it is a mount, which a chroot inside it needs for mounts of its own.
 */
export const PREPARE = script(`mark=$1 path=$2
shift 2
say() { printf '%s %s %s\\n' "$mark" "$1" "$2"; }
fail() {
  set -f
  why=$(echo $3)
  say failed "$1"; say what "$2"; say why "$why"; say end
  exit 0
}
resolve() {
  place=$root left=$1
  while [ "$left" ]; do
    part=\${left%%/*}
    case $left in */*) left=\${left#*/} ;; *) left= ;; esac
    case $part in ''|.) continue ;; ..) fail link "$1" .. ;; esac
    place=$place/$part
    [ -h "$place" ] || continue
    link=$place place=$(readlink -f "$place")
    case $place in "$root"/*) ;; *) fail link "$link" "$(readlink "$link")" ;; esac
  done
}
say begun
[ -h "$path" ] && fail link "$path" "$(readlink "$path")"
[ -e "$path" ] || fail missing "$path" 'does not exist'
[ -d "$path" ] || fail missing "$path" 'is not a folder'
said=$(cd -P "$path" 2>&1) || fail missing "$path" "cannot be entered: $said"
cd -P "$path"
root=$(pwd -P)
[ "$root" = / ] && fail itself "$path"
if [ $# -gt 0 ]; then
  said=$(mount -o rbind "$root" "$root" 2>&1) || fail mount "$root" "$said"
  cd "$root"
  hold=yes
fi
while [ $# -gt 0 ]; do
  [ -e "$1" ] || fail source "$1"
  resolve "$2"
  if [ -d "$1" ]; then
    said=$(mkdir -p "$place" 2>&1) || fail mount "$2" "$said"
  elif ! [ -e "$place" ]; then
    said=$(mkdir -p "\${place%/*}" 2>&1 && : 2>&1 >"$place") || fail mount "$2" "$said"
  fi
  said=$(mount -o rbind "$1" "$place" 2>&1) || fail mount "$2" "$said"
  shift 2
done
said=$(LC_ALL=C chroot "$root" /bin/sh -c 'if [ -c /dev/null ]; then echo works; else echo nowhere; fi' 2>&1)
case $said in
  *works) ;;
  *nowhere) fail null "$root" ;;
  *)
    [ -e bin/sh ] || [ -h bin/sh ] || fail shell "$root" 'there is no /bin/sh'
    fail shell "$root" "$said" ;;
esac
[ -z "$hold" ] || [ -e /proc/$$/ns/mnt ] || fail mount "$root" 'there is no /proc on the machine underneath'
say root "$root"; say pid $$; say end
[ -z "$hold" ] || exec cat >/dev/null 2>&1`)
