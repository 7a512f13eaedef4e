import { defineFact, lines, script, sh, touch } from '@chaos/core'
import type { Command, FactOutput } from '@chaos/core'
import { managed, scope, staleDropIns, unitSources, unitTouch } from '../systemd/scope.ts'

/** A unit as systemd tells of it. */
export interface Unit {
  /** The name it was asked by. */
  readonly name: string
  /** Its own name, where it was asked by an alias. */
  readonly id: string
  /** Its manager runs. Otherwise only `load` and `file` are known, from its files. */
  readonly online: boolean
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error`. */
  readonly load: string
  /** `active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating`. */
  readonly active: string
  /** `running`, `exited`, `dead`, `auto-restart`, … */
  readonly sub: string
  /** State of its file: `enabled`, `disabled`, `static`, `indirect`, `generated`, `masked`, `enabled-runtime`, …; empty = it has none. */
  readonly file: string
  /** Its files were changed since systemd has read them. */
  readonly needsReload: boolean
  /** `simple`, `oneshot`, …; empty = it is no service. */
  readonly type: string
  readonly remainsAfterExit: boolean
  readonly canReload: boolean
  readonly triggeredBy: readonly string[]
  /** How it ended last: `success`, `exit-code`, `signal`, … */
  readonly result: string
  /** Exit code of its main process, as far as it has ended. */
  readonly exitStatus: number
  /** When it began to start, microseconds since the epoch by the clock of the host; undefined = never since the boot. */
  readonly started: number | undefined
  /** When its state changed last: start, or the end of its last reload. */
  readonly changed: number | undefined
}

const PROPERTIES = [
  'Id', 'LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'NeedDaemonReload', 'Type', 'RemainAfterExit', 'CanReload', 'TriggeredBy', 'Result', 'ExecMainStatus',
  'InactiveExitTimestamp', 'StateChangeTimestamp',
]

/**
 * Prints what is known of "$@", a block each, behind a line that says where from. The manager is asked where it runs. In a chroot systemctl
 * ignores that and prints nothing; then, and where no manager runs, the files are looked at. Without --timestamp (systemd before 247)
 * times are whole seconds.
 */
const SHOW = sh`chaos_show() {
[ $# -gt 0 ] || { printf 'online\n\n'; return; }
command -v systemctl >/dev/null || { printf 'failed systemctl is not there\n\n'; return; }
o= e=
if chaos_manager; then
o=$(sc show --timestamp=us ${`--property=${PROPERTIES.join(',')}`} -- "$@" 2>/dev/null) || o=$(sc show ${`--property=${PROPERTIES.join(',')}`} -- "$@" 2>/dev/null) ||
{ e=$(sc show ${`--property=${PROPERTIES.join(',')}`} -- "$@" 2>&1 >/dev/null); printf 'failed %s\n\n' "$(echo "$e" | tail -n 1)"; return; }
fi
if [ -n "$o" ]; then echo online; chaos_stale "$@"; printf '\n%s\n\n' "$o"; return; fi
printf 'offline\n\n'
for n do
s=$(sc is-enabled -- "$n" 2>/dev/null)
case $s in ''|not-found) l=not-found s= ;; masked*) l=masked ;; *) l=loaded ;; esac
printf 'Id=%s\nLoadState=%s\nUnitFileState=%s\n\n' "$n" "$l" "$s"
done
}`

/** Defines what `chaos_show` needs, for the system or a user. */
function asked(user: string | undefined): Command {
  const known = user === undefined ? [] : [sh`id -u -- ${user} >/dev/null || { printf 'failed %s\n\n' ${`there is no user ${user}`}; exit 0; }`]
  return lines(scope(user), ...known, managed(user), staleDropIns(user), SHOW)
}

const CLOCK = script('TZ=UTC LC_ALL=C; export TZ LC_ALL')

type Call = readonly [name: string, user?: string | undefined]

/** The calls by their users, each with its place, so that each manager is asked once. */
function byUser(calls: readonly Call[]): (readonly [user: string | undefined, at: readonly number[]])[] {
  const users = [...new Set(calls.map(([, user]) => user))]
  return users.map((user) => [user, calls.flatMap((call, index) => (call[1] === user ? [index] : []))])
}

/** What systemd knows of a unit; however many are asked at once, it is one `systemctl show` for the system and one for each user. */
export const unit = defineFact({
  name: 'systemd.unit',
  about: 'The state of a unit of systemd: loaded, active, enabled, since when.',
  many: {
    command: (calls: readonly Call[]) =>
      lines(CLOCK, ...byUser(calls).map(([user, at]) => sh`(
${asked(user)}
chaos_show ${at.map((index) => calls[index]?.[0] ?? '')}
)`)),
    split: (stdout, calls) => {
      const outputs: FactOutput[] = []
      const text = new TextDecoder().decode(stdout).split('\n')
      for (const [, at] of byUser(calls)) {
        const head = takeBlock(text)
        for (const index of at) outputs[index] = head.startsWith('failed ') ? { stdout: '', code: 1, stderr: head.slice('failed '.length).trim() } : { stdout: head + takeBlock(text) }
      }
      return outputs
    },
  },
  parse: (stdout, _, name): Unit => unitsOf(stdout, [name])[0] as Unit,
  reads: (name, user) => [unitTouch(name, user), ...unitSources(user)],
})

/** Every installed service, socket, timer and path whose name starts so, templates and those of the initrd left out. A name that an alias has too comes once. */
export const unitsLike = defineFact({
  name: 'systemd.unitsLike',
  about: 'The installed units whose names start with a text.',
  command: (prefix: string, user: string | undefined) => listed(user, sh`--type=service,socket,timer,path -- ${`${prefix}*`}`),
  parse: (stdout): readonly Unit[] => [...new Map(unitsOf(checked(stdout)).map((each) => [each.id, each])).values()],
  reads: (_, user) => [touch.named('unit'), ...unitSources(user)],
})

/** The services that start with the machine because they are enabled; instances of templates are not among them. */
export const enabledServices = defineFact({
  name: 'systemd.enabledServices',
  about: 'The services that are enabled.',
  command: () => listed(undefined, script('--type=service --state=enabled')),
  parse: (stdout): readonly Unit[] => unitsOf(checked(stdout)),
  reads: () => [touch.named('unit'), ...unitSources(undefined)],
})

/** Where none is found systemctl fails too, but says nothing. */
function listed(user: string | undefined, which: Command): Command {
  return sh`${CLOCK}
${asked(user)}
chaos_list() { sc list-unit-files --plain --no-legend --no-pager --full ${which}; }
f=$(chaos_list 2>/dev/null) || { e=$(chaos_list 2>&1 >/dev/null); [ -z "$e" ] || { printf 'failed %s\n\n' "$(echo "$e" | tail -n 1)"; exit 0; }; }
set -f
set --
while read -r n _; do case $n in ''|*@.*|initrd*) ;; *) set -- "$@" "$n" ;; esac; done <<END
$f
END
chaos_show "$@"`
}

function checked(stdout: string): string {
  if (stdout.startsWith('failed ')) throw new Error(stdout.slice('failed '.length).trim())
  return stdout
}

function takeBlock(text: string[]): string {
  const end = text.indexOf('')
  if (end < 0) throw new Error('systemctl said less than was asked')
  return `${text.splice(0, end + 1).join('\n')}\n`
}

/** Reads blocks behind the first one, which says where they are from. Not given, names are their own. */
function unitsOf(stdout: string, names?: readonly string[]): Unit[] {
  const [head = '', ...blocks] = stdout.split('\n\n').filter((block) => block.trim() !== '')
  const [from, ...said] = head.split('\n')
  if (from !== 'online' && from !== 'offline') throw new Error(`systemctl answered ${JSON.stringify(stdout.slice(0, 200))}`)
  const stale = new Set(said.map((line) => line.slice('Stale='.length)))
  return blocks.map((block, index) => {
    const fields = new Map(block.split('\n').filter(Boolean).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
    return unitOf(fields, from === 'online', names?.[index], stale)
  })
}

function unitOf(fields: ReadonlyMap<string, string>, online: boolean, given: string | undefined, stale: ReadonlySet<string>): Unit {
  const get = (key: string): string => fields.get(key) ?? ''
  const id = get('Id')
  const name = given ?? id
  if (id === '' || get('LoadState') === '') throw new Error('systemctl said nothing of a unit')
  return {
    name,
    id,
    online,
    load: get('LoadState'),
    active: get('ActiveState') || 'inactive',
    sub: get('SubState'),
    file: get('UnitFileState'),
    needsReload: get('NeedDaemonReload') === 'yes' || stale.has(name),
    type: get('Type'),
    remainsAfterExit: get('RemainAfterExit') === 'yes',
    canReload: get('CanReload') === 'yes',
    triggeredBy: get('TriggeredBy').split(' ').filter(Boolean),
    result: get('Result'),
    exitStatus: Number(get('ExecMainStatus') || 0),
    started: microseconds(get('InactiveExitTimestamp')),
    changed: microseconds(get('StateChangeTimestamp')),
  }
}

/** `Sat 2026-11-21 10:01:42.566010 UTC`. Of a whole second its end counts: it is better not to restart than to do so again and again. */
function microseconds(shown: string): number | undefined {
  const found = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))? UTC$/.exec(shown)
  if (!found) return undefined
  const [, day, time, fraction] = found
  return Date.parse(`${day}T${time}Z`) * 1000 + (fraction === undefined ? 999_999 : Number(fraction.padEnd(6, '0')))
}
