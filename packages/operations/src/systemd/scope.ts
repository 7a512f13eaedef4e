import { script, sh, touch } from '@chaos/core'
import type { Command, Touch } from '@chaos/core'

const SYSTEM = script('sc() { systemctl "$@"; }')

/**
 * Shell text that defines `sc`: systemctl for the system, or for a user. The manager of a user is reached through its folder below
 * /run/user, which works on every version and without D-Bus; HOME is given for what is done without the manager.
 */
export function scope(user: string | undefined): Command {
  if (user === undefined) return SYSTEM
  return sh`sc() {
u=$(id -u -- ${user}) && h=$(getent passwd "$u" | cut -d: -f6) || return
if [ "$u" = "$(id -u)" ]; then HOME="$h" XDG_RUNTIME_DIR="/run/user/$u" systemctl --user "$@"
else runuser -u ${user} -- env HOME="$h" XDG_RUNTIME_DIR="/run/user/$u" systemctl --user "$@"; fi
}`
}

/** Shell text that defines `chaos_manager`: whether the manager runs. */
export function managed(user: string | undefined): Command {
  if (user === undefined) return script('chaos_manager() { [ -d /run/systemd/system ]; }')
  return sh`chaos_manager() { [ -e "/run/user/$(id -u -- ${user})/systemd/private" ]; }`
}

/**
 * Shell text that defines `chaos_stale`, which prints those of its arguments whose folder of drop-ins has changed since systemd has read
 * its units. systemd itself does not see a folder that is new (NeedDaemonReload stays no): it looks into those that it knows.
 */
export function staleDropIns(user: string | undefined): Command {
  const folder = user === undefined ? script('d=/etc/systemd/system') : sh`d=$(getent passwd ${user} | cut -d: -f6)/.config/systemd/user`
  return sh`chaos_stale() {
${folder}
t=
for n do
[ -d "$d/$n.d" ] || continue
if [ -z "$t" ]; then t=$(TZ=UTC LC_ALL=C sc show --timestamp=us --property=UnitsLoadTimestamp --value 2>/dev/null); [ -n "$t" ] || return 0; fi
[ -z "$(find "$d/$n.d" -maxdepth 0 -newerct "$(echo "$t" | cut -d ' ' -f 2-)")" ] || printf 'Stale=%s
' "$n"
done
}`
}

/** What is known of one unit, and changed by managing it. */
export function unitTouch(name: string, user?: string): Touch {
  return touch.named('unit', scopedName(name, user))
}

/** A unit as a role remembers it. */
export function scopedName(name: string, user?: string): string {
  return user === undefined ? name : `${name}~${user}`
}

const FOLDERS = ['/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system', '/etc/init.d']
const USER_FOLDERS = ['/etc/systemd/user', '/usr/local/lib/systemd/user', '/usr/lib/systemd/user', '/lib/systemd/user', '/var/lib/systemd/linger', '/home', '/root/.config']

/** Where units come from: any file there may be another name of a unit, or a drop-in of several. */
export function unitSources(user: string | undefined): readonly Touch[] {
  const folders = user === undefined ? FOLDERS : USER_FOLDERS
  return [...folders.map(touch.path), touch.named('package'), ...(user === undefined ? [] : [touch.named('user', user)])]
}
