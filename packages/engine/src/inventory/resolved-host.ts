import type { HostView } from '../run/contract.ts'

/** A layer of a host's name, ready to be opened. */
export interface ResolvedLayer {
  readonly connector: string
  readonly argument: string
  /** The host's keys with this connector's prefix, validated by its schema. */
  readonly data: Readonly<Record<string, unknown>>
  /** The name up to and with this layer, written in one way; what is opened underneath is shared by it. */
  readonly reference: string
}

/** A host that can be connected to. */
export interface ResolvedHost extends HostView {
  readonly layers: readonly ResolvedLayer[]
  /** The one way to write its name: `@ssh/db1` for `db1`. */
  readonly canonical: string
  /** Names it was expanded from, outermost first: `@terraform/web_servers`. Limits and restrictions may name them too. */
  readonly from: readonly string[]
}
