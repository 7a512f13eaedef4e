import type { Connection, ConnectorContext } from '@chaos/core'
import { dialer } from './dial.ts'
import { inside } from './process/inside.ts'
import { prepareRoot } from './root/prepare.ts'
import type { Bind } from './schema.ts'

export interface OpenChroot {
  /** The whole name of the host. */
  readonly host: string
  /** Absolute, on the machine underneath. */
  readonly path: string
  readonly binds: readonly Bind[]
  readonly sudo: boolean
  readonly context: Pick<ConnectorContext, 'base' | 'signal'>
}

/** Opens a root. Everything goes through the connection underneath, which belongs to the engine. */
export async function openChroot({ context: { base, signal }, ...options }: OpenChroot): Promise<Connection> {
  const root = await prepareRoot({ ...options, base, signal })
  const { spawn, end } = inside(base, root, options.host)
  const dial = dialer(base, root, options.host)
  const close = async (): Promise<void> => {
    // Where the machine underneath cannot be reached any more, it ends them itself.
    await end().catch(() => {})
    await root.holder?.release()
  }
  let closed: Promise<void> | undefined
  // All that runs inside is seen by the machine underneath, also where there is no /proc inside.
  return { spawn, endsUnseen: true, ...(dial && { dial }), close: () => (closed ??= close()) }
}
