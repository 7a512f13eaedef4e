import type { Elevation, Position } from '@chaos/core'

/** Version of the event stream: the first NDJSON line carries it. It grows by additions only. */
export const EVENTS_VERSION = 1

export type HostState = 'ok' | 'changed' | 'failed' | 'unreachable' | 'unknown' | 'skipped'
export type StepState = 'ok' | 'changed' | 'failed' | 'unknown' | 'skipped'

/** An error as listeners see it: already redacted. */
export interface ErrorReport {
  code: string
  message: string
  hint?: string
  position?: Position
  details?: Record<string, unknown>
}

/** How a value looks in a plan: text (redacted), `null` for "not there", bytes only by their size and hash. */
export type PlannedValue = { text: string } | { bytes: number; sha256: string } | { secret: true } | null

export interface PlannedChange {
  summary: string
  before?: PlannedValue
  after?: PlannedValue
  removes: boolean
  /** What it takes away, where the operation says so by name; `of`: how many of the kind there are. */
  removed?: { kind: string; name: string; of?: number }[]
  risk?: 'access'
}

export interface PlannedOperation {
  /** Stable within a run: `HOST/ROLE/INDEX`. */
  id: string
  /** `files.put`. */
  operation: string
  title: string
  /** Who it runs as, when not the login user. */
  as?: Elevation
  /** `change`: differs; `same`: nothing to do; `action`: always does something; `later`: known after apply; `conditional`: depends on an earlier result. */
  verdict: 'change' | 'same' | 'action' | 'later' | 'conditional' | 'error'
  /** Why it is `later` or `conditional`. */
  reason?: string
  /** Why it could not be compared (`error`). */
  error?: ErrorReport
  changes: PlannedChange[]
}

export interface PlannedRole {
  role: string
  /** Set when it does not run there, with the reason. */
  skipped?: string
  /** Set when it could not be planned. */
  error?: ErrorReport
  /** What is left as it is although it is no longer declared, and why. */
  kept?: string[]
  operations: PlannedOperation[]
}

export interface PlannedHost {
  host: string
  state: 'planned' | 'failed' | 'unreachable' | 'skipped'
  /** `Debian GNU/Linux 12 (bookworm)`. */
  os?: string
  /** Login user. */
  user?: string
  error?: ErrorReport
  reason?: string
  roles: PlannedRole[]
}

export interface Plan {
  hosts: PlannedHost[]
  /** Hosts and operations that would change something. */
  changes: { hosts: number; operations: number; removals: number; later: number }
}

/**
 * The access guard. `armed`: a timer is set on the host, in front of the changes; `asking`: a new connection is opened; `confirmed`: it got in, and the timer was
 * ended; `undoing`: none did, and the changes are taken back; `undone`: that is so, and one gets in again; `lost`: nobody does even so; `left`: nobody asked to the
 * end, the host takes the changes back by itself.
 */
export type GuardState = 'armed' | 'asking' | 'confirmed' | 'undoing' | 'undone' | 'lost' | 'left'

/** Everything the engine tells. `run` and `time` (milliseconds since the epoch) stand on each. */
export type EngineEvent = { run: string; time: number } & (
  | { type: 'run.begin'; version: typeof EVENTS_VERSION; dry: boolean; hosts: string[]; roles: string[]; chobolo: string; controller: string }
  | { type: 'host.connect'; host: string }
  | { type: 'host.connected'; host: string; os: string; user: string; milliseconds: number }
  | { type: 'host.skipped'; host: string; reason: string }
  | { type: 'role.skipped'; host: string; role: string; reason: string }
  | { type: 'plan'; plan: Plan }
  | { type: 'confirm'; answer: 'yes' | 'no' | 'not needed' }
  | { type: 'operation.begin'; host: string; role: string; id: string; operation: string; title: string }
  | { type: 'change.begin'; host: string; id: string; change: number; summary: string }
  | { type: 'change.end'; host: string; id: string; change: number; summary: string; state: StepState; milliseconds: number }
  | { type: 'operation.end'; host: string; role: string; id: string; operation: string; title: string; state: StepState; reason?: string; changes: PlannedChange[]; error?: ErrorReport; milliseconds: number }
  | { type: 'output'; host: string; id: string; stream: 'stdout' | 'stderr'; text: string }
  | { type: 'warning'; host?: string; code: string; message: string; hint?: string; position?: Position }
  | { type: 'guard'; host: string; state: GuardState; /** `files.put /etc/ssh/sshd_config`. */ changes: string[]; /** Until they are taken back. */ seconds?: number; /** Why nobody got in. */ reason?: string; /** What the host took back. */ taken?: { what: string; kind: 'path' | 'command'; done: boolean }[]; milliseconds?: number }
  | { type: 'report'; host?: string; key: string; value: string; text: string }
  | { type: 'host.end'; host: string; state: HostState; reason?: string; error?: ErrorReport; operations: OperationCounts; exchanges: number; milliseconds: number }
  | { type: 'run.end'; outcome: 'done' | 'failed' | 'declined' | 'interrupted'; dry: boolean; hosts: Record<HostState, number>; operations: OperationCounts; milliseconds: number }
)

export type OperationCounts = Record<StepState, number>

export type Listener = (event: EngineEvent) => void
