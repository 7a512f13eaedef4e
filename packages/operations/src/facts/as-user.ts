import { script } from '@chaos/core'

/**
 * Shell text: \`chaos_as USER SCRIPT [ARGUMENT…]\` runs a script with the rights of that user. What lies in somebody's home may lead anywhere, and
 * can be changed while it is looked at: with their own rights it leads nowhere they could not go themselves. \`setpriv\` is asked first,
 * because runuser and su open a session each time, which is logged.
 */
export const AS_USER = script(`chaos_as() {
chaos_u=$1 chaos_s=$2; shift 2
if [ "$(id -u)" = "$(id -u "$chaos_u")" ]; then set -- sh -c "$chaos_s" sh "$@"
else
case $(setpriv --version 2>/dev/null) in
*util-linux*) set -- setpriv --reuid "$(id -u "$chaos_u")" --regid "$(id -g "$chaos_u")" --init-groups -- sh -c "$chaos_s" sh "$@";;
*) if command -v runuser >/dev/null 2>&1; then set -- runuser -u "$chaos_u" -- sh -c "$chaos_s" sh "$@"
else set -- su -s /bin/sh "$chaos_u" -c "$chaos_s" sh "$@"; fi;;
esac
fi
"$@"
}`)
