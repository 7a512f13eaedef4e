import type { Process } from '@chaos/core'
import type { ClientChannel } from 'ssh2'
import { connectionLost } from '../errors.ts'
import type { Place } from '../errors.ts'
import type { Link } from '../link/contract.ts'

/** How the process of a channel ends. */
export interface Exit {
  /** Rejects when the connection broke before the host said how. */
  readonly promise: Process['exit']
  /** It is left alone: whoever waits is told that it was ended. */
  readonly abandon: () => void
}

export function exitOf(channel: ClientChannel, link: Link, place: Place): Exit {
  let abandon = (): void => {}
  const promise = new Promise<Awaited<Process['exit']>>((resolve, reject) => {
    abandon = () => resolve({ code: null })
    const forget = link.onLost(reject)
    channel.once('exit', (code: number | null, signal?: string) => {
      forget()
      resolve(code === null ? { code, signal: signal ?? 'SIGKILL' } : { code })
    })
    channel.once('close', () => {
      forget()
      reject(link.gone ?? connectionLost(place, 'the host closed a channel without saying how its process ended'))
    })
  })
  promise.catch(() => {})
  return { promise, abandon }
}
