import type { Host } from '@chaos/core'
import { facts, isUp, scopedName, undeclared, unitName } from '@chaos/operations'
import * as z from '@chaos/operations/zod'
import type { Services } from './keys.ts'
import { lookAtLeftFiles } from './unit-files.ts'
import type { LeftFile } from './unit-files.ts'
import type { Target } from './target.ts'

/** The kind under which the role remembers services that it turned on. */
export const SERVICE = 'service'

/** A service that nobody declares, and that goes off. */
export interface LeftService {
  readonly name: string
  readonly user?: string
  /** What is taken back of it. */
  readonly off: { readonly running?: false; readonly enabled?: false }
  /** As the role remembers it, to be forgotten; not given = the role did not turn it on. */
  readonly remembered?: string
}

/** What is no longer declared: what the role turned on itself, and with `exclusive` every other service that is enabled. */
export interface Left {
  readonly services: readonly LeftService[]
  readonly files: readonly LeftFile[]
  readonly kept: readonly string[]
}

/** What it notes of them. */
export const noted = z.object({ enabled: z.boolean().optional(), running: z.boolean().optional() })

/** Asks beside all else; what is declared is told apart when that is known. */
export async function lookAtLeft({ list, exclusive }: Services, host: Host, targets: Promise<readonly Target[]>): Promise<Left> {
  const root = host.as({ root: true })
  const state = host.state()
  const plain = list.filter(({ dense_service }) => dense_service !== true).map(({ name, user }) => scopedName(unitName(name), user))
  const owned = undeclared(state, SERVICE, plain)
  const files = list.flatMap(({ name, user, unit, drop_ins = {} }) => [
    ...(unit === undefined ? [] : [scopedName(unitName(name), user)]),
    ...Object.keys(drop_ins).map((each) => scopedName(`${unitName(name)}.d/${each.endsWith('.conf') ? each : `${each}.conf`}`, user)),
  ])
  const [mine, enabled, leftFiles, known] = await Promise.all([
    Promise.all(owned.map(async (each) => ({ ...each, ...named(each.name), unit: await root.fact(facts.unit(named(each.name).unitName, named(each.name).user)) }))),
    // A removal is held against how many there are: asked now, because the operation will.
    exclusive || list.some((item) => item.state === 'absent') ? root.fact(facts.enabledServices()) : [],
    lookAtLeftFiles(files, state, host),
    targets,
  ])
  const declared = new Set(known.flatMap(({ unit, item: { user } }) => [scopedName(unit.id, user), scopedName(unit.name, user)]))
  const left: LeftService[] = []
  const kept: string[] = []
  for (const { name, unitName: own, user, value, unit } of mine) {
    if (declared.has(scopedName(unit.id, user))) continue
    const why = host.protects('service', own) ?? whyKept(unit)
    if (why !== undefined) kept.push(`${own}: ${why}`)
    else left.push({ name: own, ...(user === undefined ? {} : { user }), off: offOf(value), remembered: name })
  }
  const others = enabled.filter(({ id }) => exclusive && !declared.has(id) && !left.some(({ name }) => name === id) && host.protects('service', id) === undefined)
  return {
    services: [...left, ...others.map(({ id }): LeftService => ({ name: id, off: { running: false, enabled: false } }))],
    files: leftFiles,
    kept: [...kept, ...leftFiles.flatMap((file) => file.kept ?? [])],
  }

  /** With `exclusive` only what is not enabled can be somebody else's. */
  function whyKept(unit: (typeof mine)[number]['unit']): string | undefined {
    const value = noted.safeParse(mine.find((each) => each.unit === unit)?.value)
    if (!value.success) return 'what was noted when it was turned on cannot be read'
    if (unit.load === 'masked') return 'it was masked since chaos turned it on'
    if (value.data.enabled === true && unit.load !== 'not-found' && unit.file !== 'enabled' && unit.file !== 'alias' && isUp(unit)) return 'it was disabled since chaos enabled it, and it runs'
    return undefined
  }
}

function offOf(value: unknown): LeftService['off'] {
  const { enabled, running } = noted.parse(value)
  return { ...(running === true ? { running: false } : {}), ...(enabled === true ? { enabled: false } : {}) }
}

function named(remembered: string): { unitName: string; user: string | undefined } {
  const [unit = '', user] = remembered.split('~')
  return { unitName: unit, user }
}
