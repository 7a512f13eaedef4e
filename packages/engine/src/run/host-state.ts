import type { Connection, Elevation } from '@chaos/core'
import type { HostState } from '../events/events.ts'
import type { Answer, Request, Session } from '../session/contract.ts'
import type { Leaving } from '../session/index.ts'
import type { FactBook } from './fact-book.ts'
import type { Watches } from './guard/contract.ts'
import type { HostBase } from './host-view.ts'
import type { Opening } from './opening.ts'
import type { OperationRun, RoleRun } from './operation-run.ts'

/** One host, from its connection to its end. */
export interface HostRun {
  readonly name: string
  readonly roles: readonly RoleRun[]
  /** Who things run as there when they say nothing themselves. */
  readonly fallback: Elevation
  readonly opening: Opening
  readonly base: HostBase
  readonly book: FactBook
  /** Sends requests, on a new connection when the old one is gone and nothing of them was sent. */
  exchange(requests: readonly Request[]): Promise<readonly Answer[]>
  /**
   * After a loss in the midst of what this user was doing: on a new connection where the old one is gone, lets nothing of it begin any more,
   * and waits for what has begun, at most so many seconds.
   */
  comeBack(as: Elevation, seconds: number): Promise<{ rebooted: boolean; left: Leaving }>
  session(): Session
  /**
   * Sends a request over a login of its own, as if nobody had been let in before, and leaves. `until` ends it; nobody is asked for a password.
   * Where the connector logs nobody in, a new shell tells as much.
   */
  freshly(request: Request, until: AbortSignal): Promise<Answer>
  readonly watches: Watches
  /** A request that leaves with the next questions, and what is done with its answer. */
  ride(request: Request, answered: (answer: Answer) => void): void
  /** `keep`: why it must not be given back. */
  lock: { taken: boolean; as: Elevation; keep?: string }
  state: HostState
  /** False once a lost connection could not be opened again. */
  reachable: boolean
  error: unknown
  readonly began: number
  exchangesBefore: number
}

export type OpenConnection = () => Promise<Connection>

/** All operations of a host in written order. */
export function operationsOf(host: HostRun): OperationRun[] {
  return host.roles.flatMap((role) => role.operations)
}
