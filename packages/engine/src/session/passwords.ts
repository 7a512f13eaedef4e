import type { Elevation, Secret } from '@chaos/core'
import type { SessionOptions } from './contract.ts'
import type { Way } from './elevation.ts'

/** One elevation's part in a password that others may share. */
export interface Turn {
  /**
   * The password; undefined = there is none, `wrong` = the host has refused it before. While somebody else tries it, this waits:
   * machines lock those out who are wrong a few times.
   */
  ask(): Promise<Secret | 'wrong' | undefined>
  /** How it went; undefined = that tells nothing of the password. Must be called, for others may wait. */
  end(verdict: 'right' | 'wrong' | undefined): void
}

interface Password {
  readonly answer: Promise<Secret | undefined>
  verdict: 'right' | 'wrong' | undefined
  /** Settles when who tries it has ended; undefined = nobody does. */
  trying: Promise<void> | undefined
}

/** Asks for a password once for each way of elevating, and remembers it and whether it is right for as long as the session lives. */
export function createPasswords(options: SessionOptions): { turn(as: Elevation, way: Way): Turn } {
  const known = new Map<string, Password>()
  return {
    turn(as, way) {
      // su asks for the password of who one becomes; sudo and doas for one's own, whoever one becomes.
      const key = way.method === 'su' ? `su:${way.user}` : way.method
      let mine: Password | undefined
      let over = (): void => {}
      return {
        async ask() {
          const password = known.get(key) ?? { answer: options.password({ host: options.host, elevation: as, user: way.user }), verdict: undefined, trying: undefined }
          known.set(key, password)
          if (mine === undefined) while (password.trying !== undefined) await password.trying
          if (password.verdict === 'wrong') return 'wrong'
          if (mine === undefined && password.verdict === undefined) {
            password.trying = new Promise((resolve) => {
              over = resolve
            })
          }
          mine = password
          return password.answer
        },
        end(verdict) {
          if (mine === undefined) return
          mine.verdict = verdict ?? mine.verdict
          mine.trying = undefined
          over()
        },
      }
    },
  }
}
