import type { Elevation, Secret } from '@chaos/core'
import type { SessionOptions } from './contract.ts'
import type { Way } from './elevation.ts'

/** Asks for a password once for each way of elevating, and remembers it for as long as the session lives. */
export function createPasswords(options: SessionOptions): { ask(as: Elevation, way: Way): Promise<Secret | undefined> } {
  const asked = new Map<string, Promise<Secret | undefined>>()
  return {
    ask: (as, way) => {
      // su asks for the password of who one becomes; sudo and doas for one's own, whoever one becomes.
      const key = way.method === 'su' ? `su:${way.user}` : way.method
      const answer = asked.get(key) ?? options.password({ host: options.host, elevation: as, user: way.user })
      asked.set(key, answer)
      return answer
    },
  }
}
