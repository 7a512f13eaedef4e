import { join } from 'node:path'
import { ChaosError, validateNow } from '@chaos/core'
import type { HostReference, Role, Schema } from '@chaos/core'
import { run } from '@chaos/engine'
import type { EngineEvent, RoleRequest, RunOptions, RunResult, Slice } from '@chaos/engine'
import { fakeConnector } from '../fake/connector.ts'

type Passed = Partial<Omit<RunOptions, 'hosts' | 'roles' | 'listeners'>>

export interface ApplyOptions extends Passed {
  /** By tag, in the order they run. */
  roles: Readonly<Record<string, Role>>
  /** Values of the roles' keys, as a Ch-obolo would hold them, resolved. Default: none. */
  desired?: Readonly<Record<string, unknown>>
  /** Default: `@fake/a`. */
  hosts?: readonly (string | HostReference)[]
  /** Finds connectors. Default: a fake connector that lives as long as this run. */
  load?: RunOptions['load']
  /** The Ch-obolo's folder, where relative local files start. Default: the current folder. */
  directory?: string
}

/** What happened, and every event of it. */
export interface Applied extends RunResult {
  readonly events: readonly EngineEvent[]
  /** `files.directory /srv: changed`, one per operation that ended, in order. */
  readonly operations: readonly string[]
  /** Errors of hosts and operations, in order. */
  readonly errors: readonly { code: string; message: string; hint?: string }[]
}

/** Runs the engine for a test: roles with their values, on fake hosts unless told otherwise, without a question. */
export async function applyWith({ roles, desired = {}, hosts = ['@fake/a'], load, directory = process.cwd(), ...options }: ApplyOptions): Promise<Applied> {
  const events: EngineEvent[] = []
  const fake = load ? undefined : fakeConnector()
  try {
    const result = await run({
      choboloPath: join(directory, 'ch-obolo.yml'),
      dry: false,
      skipConfirm: true,
      slice: (_, request) => sliceOf(request, desired),
      ...options,
      hosts: hosts.map((host) => (typeof host === 'string' ? { name: host } : host)),
      roles: Object.entries(roles).map(([tag, role]) => ({ tag, role, explicit: true })),
      load: load ?? (fake as NonNullable<typeof fake>).load,
      listeners: [(event) => void events.push(event)],
    })
    return { ...result, events, operations: endsOf(events), errors: errorsOf(events) }
  } finally {
    await fake?.close()
  }
}

/** What the Ch-obolo's reader does for a real run: the role's keys, validated. */
function sliceOf({ role }: RoleRequest, desired: Readonly<Record<string, unknown>>): Slice {
  if (!role.definition) return { desired: {}, chobolo: desired }
  const values = Object.entries<Schema>({ ...role.definition.reads, ...role.definition.keys }).map(([key, schema]) => {
    const result = validateNow(schema, desired[key])
    if (!result.issues) return [key, result.value]
    throw new ChaosError('ROLE_KEYS', { message: `${key}: ${result.issues.map(({ message }) => message).join('; ')}` })
  })
  return { desired: Object.fromEntries(values) as Record<string, unknown>, chobolo: desired }
}

function endsOf(events: readonly EngineEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'operation.end' ? [`${event.operation} ${event.title}: ${event.state}`] : []))
}

function errorsOf(events: readonly EngineEvent[]): Applied['errors'] {
  return events.flatMap((event) => ((event.type === 'operation.end' || event.type === 'host.end') && event.error ? [event.error] : []))
}
