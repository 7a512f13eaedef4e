import type { EngineEvent, PlannedHost, PlannedOperation } from '@chaos/engine'

/** What stands on every event. */
const BASE = { run: 'run-1', time: 0 }

type Bare<T> = T extends unknown ? Omit<T, 'run' | 'time'> : never

export function event(bare: Bare<EngineEvent>): EngineEvent {
  return { ...BASE, ...bare }
}

export function operation(verdict: PlannedOperation['verdict'], given: Partial<PlannedOperation> = {}): PlannedOperation {
  return { id: 'web1/files/0', operation: 'files.put', title: '/etc/motd', verdict, changes: [], ...given }
}

export function host(name: string, operations: PlannedOperation[], given: Partial<PlannedHost> = {}): PlannedHost {
  return {
    host: name,
    state: 'planned',
    os: 'Debian GNU/Linux 12 (bookworm)',
    user: 'ana',
    roles: [{ role: 'files', operations: operations.map((each, index) => ({ ...each, id: `${name}/files/${index}` })) }],
    ...given,
  }
}
