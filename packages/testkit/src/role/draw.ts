import { ChaosError, drawing, validateNow } from '@chaos/core'
import type { Delta, Host, Op, Role, RoleInput, RoleKeys, Steps } from '@chaos/core'

export interface DrawOptions {
  secrets?: Readonly<Record<string, unknown>>
  /** For the short form. Defaults: run `test`, not dry, this host alone, `/ch-obolo.yml`, questions are asked. */
  dry?: boolean
  choboloPath?: string
  skipConfirm?: boolean
}

/** What a role made of a host. */
export interface Drawn {
  /** The operations, in order. */
  readonly operations: readonly Op[]
  /** `files.directory /srv`, one per operation: for a look at the whole. */
  readonly titles: readonly string[]
  /** Of the full form. */
  readonly context?: unknown
  readonly delta?: Delta
}

/**
 * Draws a role as the engine does: keys validated, context, delta, plan. Nothing is applied.
 * `desired` is the slice of the Ch-obolo that holds the role's keys. An operation that was made and not yielded is an error.
 */
export function draw(role: Role, host: Host, desired: Record<string, unknown> = {}, options: DrawOptions = {}): Promise<Drawn> {
  const made = new Set<Op>()
  return drawing().run({ made: (op) => void made.add(op) }, async () => {
    const drawn = role.form === 'full' ? await drawFull(role, host, desired, options) : await drawShort(role, host, desired, options)
    for (const op of drawn.operations) made.delete(op.origin ?? op)
    const [lost] = made
    if (lost) {
      throw new ChaosError('OPERATION_NOT_YIELDED', {
        message: `The role made ${nameOf(lost)} and did not yield it.`,
        hint: 'Write yield before it, or yield* where its result is needed.',
      })
    }
    return { ...drawn, titles: drawn.operations.map(nameOf) }
  })
}

async function drawShort(role: Role, host: Host, chobolo: Record<string, unknown>, options: DrawOptions): Promise<Omit<Drawn, 'titles'>> {
  const { secrets = {}, dry = false, choboloPath = '/ch-obolo.yml', skipConfirm = false } = options
  if (!role.run) throw new TypeError('A role of the short form has a function `run`.')
  return { operations: await collect(role.run({ state: { id: 'test', dry, hosts: [host.name] }, host, chobolo, choboloPath, skipConfirm, secrets })) }
}

async function drawFull({ definition }: Role, host: Host, slice: Record<string, unknown>, { secrets = {} }: DrawOptions): Promise<Omit<Drawn, 'titles'>> {
  if (!definition) throw new TypeError('A role of the full form has a definition.')
  const input: RoleInput<RoleKeys> = { host, desired: validated({ ...definition.reads, ...definition.keys }, slice), secrets }
  const context = definition.context ? await definition.context(input) : undefined
  const delta = definition.delta(context)
  const operations = isEmpty(delta) ? [] : await collect(definition.plan(delta, { ...input, context }))
  return { operations, context, delta }
}

function validated(keys: RoleKeys, slice: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, schema]) => {
      const result = validateNow(schema, slice[key])
      if (!result.issues) return [key, result.value]
      throw new ChaosError('ROLE_KEYS', { message: `${key}: ${result.issues.map(({ message }) => message).join('; ')}` })
    }),
  )
}

/** Nothing to add, change or remove. */
function isEmpty({ add, change, remove }: Delta): boolean {
  return [add, change, remove].every((items) => items === undefined || Object.keys(items).length === 0)
}

async function collect(steps: Steps): Promise<Op[]> {
  const operations: Op[] = []
  for await (const op of steps) operations.push(op)
  return operations
}

function nameOf({ definition, title }: Op): string {
  return `${definition.name} ${title}`.trim()
}
