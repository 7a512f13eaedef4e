import type { Elevation, Secret } from '@chaos/core'
import { elevationKey } from '../session/index.ts'
import type { RunOptions } from './contract.ts'

export type AskPassword = (ask: { host: string; elevation: Elevation; user: string }) => Promise<Secret | undefined>

/** Asks for each elevation's password at most once a run; hosts that come later wait for the one answer. */
export function createPasswords(password: RunOptions['password'], learn: (value: Secret) => void): AskPassword {
  const asked = new Map<string, Promise<Secret | undefined>>()
  return (ask) => {
    const key = elevationKey(ask.elevation)
    const known = asked.get(key)
    if (known) return known
    const answer = Promise.resolve(password?.(ask)).then((value) => {
      if (value !== undefined) learn(value)
      return value
    })
    asked.set(key, answer)
    return answer
  }
}
