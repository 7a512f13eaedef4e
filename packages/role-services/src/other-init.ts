import { ChaosError } from '@chaos/core'
import type { Delta, Diff, Host, Op, OperationOptions } from '@chaos/core'
import { compared, differs, disown, isOwned, own, server, serviceBackend, undeclared } from '@chaos/operations'
import type { Item, Services } from './keys.ts'
import { noted, SERVICE } from './left.ts'
import { defined, grouped } from './steps.ts'

/** Services through whatever manages them there: of an init system without units nothing is known but what `server.service` does. */
export interface PlainService {
  readonly name: string
  /** What is alone in its operation. */
  readonly alone: boolean
  readonly wanted: Parameters<typeof server.service>[0]
  readonly memory: Pick<OperationOptions, 'remember' | 'forget'>
  readonly diff: Diff
}

export interface PlainLooked {
  readonly services: readonly PlainService[]
  readonly left: readonly PlainService[]
  readonly kept: readonly string[]
}

export interface PlainDelta extends Delta {
  readonly change: readonly PlainService[]
  readonly remove: readonly PlainService[]
}

type Wanted = Omit<PlainService['wanted'], 'name'>

const OFF: Wanted = { running: false, enabled: false, removes: true }

/** All that is known of a host, asked at once. */
export async function lookPlain({ list, exclusive }: Services, host: Host): Promise<PlainLooked> {
  for (const item of list) refuse(item, host)
  const names = list.map(nameOf)
  const owned = undeclared(host.state(), SERVICE, names)
  const [services, mine, others] = await Promise.all([
    Promise.all(list.map((item) => lookAt(item, host))),
    Promise.all(owned.map(({ name, value }) => lookAtLeft(name, value, host))),
    exclusive ? serviceBackend(host).enabled(host.as({ root: true })) : [],
  ])
  const known = new Set([...names, ...owned.map(({ name }) => name)])
  const unlisted = others.filter((name) => !known.has(name) && host.protects('service', name) === undefined)
  return {
    services,
    left: [...mine.filter((each) => typeof each !== 'string'), ...(await Promise.all(unlisted.map((name) => make(name, OFF, {}, host))))],
    kept: mine.filter((each) => typeof each === 'string'),
  }
}

/** What differs. A service that follows files is drawn along, so that the plan can say what hangs on earlier operations. */
export function plainDelta({ services, left, kept }: PlainLooked): PlainDelta {
  return { change: services.filter(({ diff, wanted }) => differs(diff) || follows(wanted)), remove: left, kept }
}

/** Services that shall be the same are one operation. */
export function* plainSteps({ change, remove }: PlainDelta): Generator<Op, void, void> {
  for (const group of grouped([...change, ...remove], ({ name, alone, wanted: { name: _, ...wanted }, memory }) => JSON.stringify([alone ? name : '', wanted, Object.keys(memory), valueOf(memory)]))) {
    const [{ wanted }] = group
    yield server.service({ ...wanted, name: group.map(({ name }) => name) }, { root: true, ...together(group) })
  }
}

async function lookAt(item: Item, host: Host): Promise<PlainService> {
  const { state, running = true, on_boot = true, restart_on = [], reload_on = [] } = item
  const name = nameOf(item)
  if (state === 'absent') return make(name, OFF, isOwned(host.state(), SERVICE, name) ? disown(SERVICE, [name]) : {}, host)
  const wanted = { running, enabled: on_boot, restartWhenNewer: restart_on, reloadWhenNewer: reload_on }
  const [starts, enables, made] = await Promise.all([turnsOn(name, { running: true }, host), turnsOn(name, { enabled: true }, host), make(name, wanted, {}, host)])
  const on = { ...(running && starts ? { running: true } : {}), ...(on_boot && enables ? { enabled: true } : {}) }
  const before = noted.safeParse(host.state().items[`${SERVICE}:${name}`])
  return Object.keys(on).length === 0 ? made : { ...made, memory: own(SERVICE, [name], { ...defined(before.data ?? {}), ...on }) }
}

/** What the role turned on and nobody declares; a text says why it stays on. */
async function lookAtLeft(name: string, value: unknown, host: Host): Promise<PlainService | string> {
  const known = noted.safeParse(value)
  const why = host.protects('service', name) ?? (known.success ? undefined : 'what was noted when it was turned on cannot be read')
  if (why !== undefined || !known.success) return `${name}: ${why}`
  const { running, enabled } = known.data
  const off: Wanted = { ...(running === true ? { running: false } : {}), ...(enabled === true ? { enabled: false } : {}), removes: true }
  const [disabled, up, made] = await Promise.all([turnsOn(name, { enabled: true }, host), turnsOff(name, host), make(name, off, disown(SERVICE, [name]), host)])
  return enabled === true && disabled && up ? `${name}: it was disabled since chaos enabled it, and it runs` : made
}

async function make(name: string, wanted: Wanted, memory: PlainService['memory'], host: Host): Promise<PlainService> {
  const args = { name, ...wanted }
  const diff = await compared(() => server.service(args, { root: true }), host)
  return { name, alone: 'later' in diff || follows(wanted) || host.protects('service', name) !== undefined, wanted: args, memory, diff }
}

/** What comes with a package is looked at again when it is there: it may be on by itself. */
async function turnsOn(name: string, wanted: { running: true } | { enabled: true }, host: Host): Promise<boolean> {
  const diff = await compared(() => server.service({ name, ...wanted }, { root: true }), host)
  return !('later' in diff) && diff.length > 0
}

async function turnsOff(name: string, host: Host): Promise<boolean> {
  return differs(await compared(() => server.service({ name, running: false }, { root: true }), host))
}

function follows({ restartWhenNewer = [], reloadWhenNewer = [] }: Wanted): boolean {
  return restartWhenNewer.length + reloadWhenNewer.length > 0
}

/** `nginx` and `nginx.service` are the same to the key `services`. */
function nameOf({ name }: Item): string {
  return name.replace(/\.service$/, '')
}

function valueOf({ remember }: PlainService['memory']): unknown {
  return [remember ?? []].flat().map(({ value }) => value)
}

function together(group: readonly PlainService[]): PlainService['memory'] {
  const remember = group.flatMap(({ memory }) => memory.remember ?? [])
  const forget = group.flatMap(({ memory }) => memory.forget ?? [])
  return { ...(remember.length === 0 ? {} : { remember }), ...(forget.length === 0 ? {} : { forget }) }
}

const UNITS = ['unit', 'drop_ins', 'masked', 'user', 'dense_service'] as const

function refuse(item: Item, host: Host): void {
  const keys = UNITS.filter((key) => item[key] !== undefined && item[key] !== false)
  if (keys.length === 0) return
  throw new ChaosError('SYSTEMD_ONLY', {
    message: `${item.name}: ${keys.join(', ')} ${keys.length === 1 ? 'is' : 'are'} for systemd, and the services of ${host.name} are managed by ${serviceBackend(host).id}.`,
    hint: `Leave ${keys.length === 1 ? 'it' : 'them'} out for this host; an init script is a file: the key files.`,
    host: host.name,
  })
}
