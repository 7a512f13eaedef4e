import type { Connection } from '@chaos/core'
import type { Duplex } from 'node:stream'

/**
 * An SSH connection to one machine as the connector gives it to the engine, plus what our own hops need.
 * `dial` carries any number of tunnels; `spawn` opens further connections when the channels of one are spent.
 */
export interface SshConnection extends Connection {
  dial(to: { host: string; port: number } | { path: string }): Promise<Duplex>
}
