import { ChaosError, defineProvider, nearest, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'

/** What was taken out of the environment, for who reads it again. As long-lived as the environment itself. */
const taken = new Map<string, Secret>()

/** Reads variables of the controller's environment: `${secret:env:DB_PASSWORD}`. What was read is no longer handed on to programs that chaos starts. */
export default defineProvider({
  about: 'Variables of the environment that chaos is started with.',

  async read(name) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new ChaosError('ENV_NAME', {
        message: `${JSON.stringify(name)} is no name of a variable.`,
        hint: 'A name has letters, digits and _, and begins with none of the digits: ${secret:env:DB_PASSWORD}',
        details: { name },
      })
    }
    // `constructor` is no variable, though every object has it.
    const value = Object.hasOwn(process.env, name) ? process.env[name] : undefined
    if (value === undefined) {
      const before = taken.get(name)
      if (before) return before
      const [meant] = nearest(name, Object.keys(process.env))
      throw new ChaosError('ENV_MISSING', {
        message: `The environment has no variable ${name}.`,
        hint: meant === undefined ? `Set it before chaos is started, and export it: export ${name}` : `Did you mean ${meant}?`,
        details: { name },
      })
    }
    const found = secret(value)
    taken.set(name, found)
    // A shell of this machine and all it starts, as another user too, would have it in its environment.
    delete process.env[name]
    return found
  },

  status: async () => ({ ready: true, text: 'It reads the environment that chaos was started with; nothing has to be unlocked.' }),
})
