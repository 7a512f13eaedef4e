import type { Elevation, Secret } from '@chaos/core'
import { elevationKey } from '../session/index.ts'
import type { RunOptions } from './contract.ts'

export type AskPassword = (ask: { host: string; elevation: Elevation; user: string }) => Promise<Secret | undefined>

export interface Passwords {
  /** Asks for each elevation's password at most once a run; hosts that come later wait for the one answer. */
  readonly ask: AskPassword
  /** Gives what was answered before, and asks nobody. */
  readonly known: AskPassword
}

export function createPasswords(password: RunOptions['password'], learn: (value: Secret) => void): Passwords {
  const asked = new Map<string, Promise<Secret | undefined>>()
  return {
    known: async ({ elevation }) => asked.get(elevationKey(elevation)),
    ask(ask) {
      const key = elevationKey(ask.elevation)
      const known = asked.get(key)
      if (known) return known
      const answer = Promise.resolve(password?.(ask)).then((value) => {
        if (value !== undefined) learn(value)
        return value
      })
      asked.set(key, answer)
      return answer
    },
  }
}
