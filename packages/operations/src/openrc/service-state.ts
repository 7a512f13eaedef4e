import { defineFact, sh, touch } from '@chaos/core'
import type { Touch } from '@chaos/core'

/** A service as OpenRC tells of it. */
export interface OpenrcService {
  readonly name: string
  /** `missing` = there is no such init script; `crashed` = OpenRC has started it, and it does not run. */
  readonly state: 'missing' | 'started' | 'stopping' | 'starting' | 'inactive' | 'crashed' | 'stopped'
  /** The runlevels on the way to the machine's start that it is in. */
  readonly runlevels: readonly string[]
  /** When OpenRC had started it, microseconds since the epoch by the clock of the host; undefined = it has not, or others did. */
  readonly started: number | undefined
  /** When it was started, or reloaded by chaos. */
  readonly changed: number | undefined
}

/** What OpenRC goes through at each start of the machine, the last one by default. */
export const RUNLEVELS = ['sysinit', 'boot', 'default'] as const

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+@-]*$/
const TIME = String.raw`(?:-|\d+(?:\.\d+)?)`
const LINE = new RegExp(`^(\\d+) (${TIME}) (${TIME})((?: (?:${RUNLEVELS.join('|')}))*)$`)

/** Exit codes of `rc-service NAME status`, of OpenRC and of init scripts with a status of their own (LSB: 1 and 2 = dead, 3 = stopped). */
const STATES: ReadonlyMap<number, OpenrcService['state']> = new Map([[0, 'started'], [1, 'stopped'], [2, 'stopped'], [3, 'stopped'], [4, 'stopping'], [8, 'starting'], [16, 'inactive'], [32, 'crashed']])

/** Whether OpenRC would take it for the name of an init script. */
export function isServiceName(name: string): boolean {
  return NAME.test(name)
}

/** What is known of one service, and changed by managing it. */
export function openrcTouch(name: string): Touch {
  return touch.named('openrc', name)
}

const SOURCES = [touch.path('/etc/init.d'), touch.path('/etc/runlevels'), touch.named('package')]

/**
 * One service of OpenRC. That it was started is noted by OpenRC as a symlink, whose mtime is the time of that; a reload is not noted, so
 * that chaos moves the ctime of that link along.
 */
export const openrcService = defineFact({
  name: 'openrc.service',
  about: 'Whether a service of OpenRC runs, since when, and the runlevels it is in.',
  many: {
    command: (calls: readonly (readonly [name: string])[]) => sh`command -v rc-service >/dev/null || { echo 'rc-service is not there' >&2; exit 127; }
for n in ${calls.map(([name]) => name)}; do
[ -e "/etc/init.d/$n" ] || { echo missing; continue; }
rc-service "$n" status </dev/null >/dev/null 2>&1; c=$?
m="/run/openrc/started/$n" t='- -'
[ ! -L "$m" ] || t=$(stat -c '%.Y %.Z' "$m")
for l in ${[...RUNLEVELS]}; do [ ! -L "/etc/runlevels/$l/$n" ] || t="$t $l"; done
echo "$c $t"
done`,
    split: (stdout, calls) => {
      const lines = new TextDecoder().decode(stdout).split('\n')
      return calls.map((_, index) => ({ stdout: lines[index] ?? '' }))
    },
  },
  parse: (stdout, _, name): OpenrcService => {
    if (stdout === 'missing') return { name, state: 'missing', runlevels: [], started: undefined, changed: undefined }
    const [, code, started = '', changed = '', runlevels = ''] = LINE.exec(stdout) ?? []
    const state = STATES.get(Number(code))
    if (code === undefined || state === undefined) throw new Error(`rc-service answered ${JSON.stringify(stdout.slice(0, 100))}`)
    const since = microseconds(started)
    return { name, state: state === 'stopped' && since !== undefined ? 'crashed' : state, runlevels: runlevels.split(' ').filter(Boolean), started: since, changed: microseconds(changed) }
  },
  reads: (name) => [openrcTouch(name), ...SOURCES],
})

/** The services that start in the runlevel `default`; what is in `sysinit` and `boot` belongs to the machine. */
export const openrcEnabled = defineFact({
  name: 'openrc.enabled',
  about: 'The services in the runlevel default of OpenRC.',
  command: () => sh`cd /etc/runlevels/default && for n in *; do [ ! -e "$n" ] || printf '%s\n' "$n"; done`,
  parse: (stdout): readonly string[] => {
    const names = stdout.split('\n').filter(Boolean)
    const strange = names.find((name) => !isServiceName(name))
    if (strange !== undefined) throw new Error(`the runlevel default has ${JSON.stringify(strange.slice(0, 100))} in it, which is no name of a service`)
    return names
  },
  reads: () => [touch.named('openrc'), ...SOURCES],
})

/** Of a whole second its end counts: it is better not to restart than to do so again and again. */
function microseconds(shown: string): number | undefined {
  if (shown === '-' || shown === '') return undefined
  const [seconds = '', fraction] = shown.split('.')
  return Number(seconds) * 1_000_000 + (fraction === undefined ? 999_999 : Number(fraction.slice(0, 6).padEnd(6, '0')))
}
