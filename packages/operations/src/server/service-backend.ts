import type { Diff, Host, Os, Touch } from '@chaos/core'

/** Services as they should be; what is not given is not managed. */
export interface WantedServices {
  /** As declared: plain names, or with what the init system puts behind them. */
  readonly name: readonly string[]
  readonly running: boolean | undefined
  /** Starts with the machine. */
  readonly enabled: boolean | undefined
  /** An action: done whatever the state is. */
  readonly state: 'restarted' | 'reloaded' | undefined
  /** Restarted, reloaded, when one of these paths changed since. */
  readonly restartWhenNewer: readonly string[]
  readonly reloadWhenNewer: readonly string[]
  /** What is stopped or disabled counts as a removal of the kind `service`. */
  readonly removes: boolean
}

/**
 * One init system. `server.service` knows nothing else of it: another one joins as a file that implements this, and a line in
 * `service-backends.ts`.
 *
 * What `diff` must keep to: it asks everything in one `Promise.all`; many services are one command of a kind; what is not there yet is
 * `{ later }`; a service that `host.protects` has `risk: 'access'` with `undo`; that it did not start is told with what it logged last.
 */
export interface ServiceBackend {
  readonly id: string
  /** Whether it is what manages the services of such a host. */
  readonly fits: (os: Os) => boolean
  readonly diff: (wanted: WantedServices, host: Host) => Promise<Diff>
  /** What is touched when services of these names are managed, and read to compare them. */
  readonly touches: (names: readonly string[]) => readonly Touch[]
  /** The services that start with the machine, without those that belong to the init system itself where it tells them apart. */
  readonly enabled: (host: Host) => Promise<readonly string[]>
}
