import { endsAtOnce } from './at-once.ts'
import { EXIT } from './exit-codes.ts'

export interface Signals {
  /** The first Ctrl-C, or SIGTERM: nothing new starts. */
  signal: AbortSignal
  /** The second: what runs on the hosts is ended. */
  kill: AbortSignal
  interrupt(): void
  close(): void
}

/** Ctrl-C once, twice, and a third time for when even that hangs. */
export function listenForSignals(tell: (text: string) => void): Signals {
  const first = new AbortController()
  const second = new AbortController()
  const interrupt = (): void => {
    if (!first.signal.aborted) {
      // Of what ends at once there is nothing to tell, but that it has.
      if (!endsAtOnce()) tell('Stopping: what has begun is finished, nothing new is started. Ctrl-C again ends what runs.')
      first.abort()
    } else if (!second.signal.aborted) {
      tell('Ending what runs on the hosts.')
      second.abort()
    } else process.exit(EXIT.interrupted)
  }
  const terminate = (): void => {
    if (!first.signal.aborted) interrupt()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', terminate)
  return {
    signal: first.signal,
    kill: second.signal,
    interrupt,
    close() {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', terminate)
    },
  }
}
