import type { ChaosError } from '@chaos/core'
import type { Client } from 'ssh2'

/** One authenticated SSH connection. */
export interface Link {
  readonly client: Client
  /** What the server calls itself: `OpenSSH_9.2p1 Debian-2`. */
  readonly software: string
  /** Why it is gone; undefined while it is there. */
  readonly gone: ChaosError | undefined
  /** Told why, as soon as it is gone; at once when it is gone already. Gives what takes the listener away again. */
  onLost(listener: (why: ChaosError) => void): () => void
  /** Ends it; resolves when it is closed. */
  end(): Promise<void>
}
