import { isChaosError } from '@chaos/core'
import type { PluginContext } from '@chaos/core'

/** Something that several have in a run: the first one opens it, the last one ends it. */
export interface Share<T> {
  readonly value: T
  /** It is lost: whoever comes from now on opens another one. */
  forget(): void
  /** Gives it back, once. True = nobody has it any more, and it is to be ended. */
  release(): boolean
}

interface Entry<T> {
  readonly opening: Promise<T>
  users: number
}

/** Joins what is open or being opened under this key in this run, else opens it. `kind` names what lies together. */
export async function share<T>(kind: string, key: string, open: () => Promise<T>, context: PluginContext): Promise<Share<T>> {
  const entries = await context.cache(kind, async () => new Map<string, Entry<T>>())
  const entry = entries.get(key) ?? { opening: open(), users: 0 }
  entries.set(key, entry)
  entry.users++
  const forget = (): void => {
    if (entries.get(key) === entry) entries.delete(key)
  }
  let given = false
  try {
    return {
      value: await entry.opening,
      forget,
      release() {
        if (given) return false
        given = true
        if (--entry.users > 0) return false
        forget()
        return true
      },
    }
  } catch (error) {
    // A refused login stays refused in this run: with every host behind it tried anew, it would lock the account.
    if (!isChaosError(error) || error.details?.['retry'] !== false) forget()
    throw error
  }
}
