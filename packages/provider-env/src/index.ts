import { ChaosError, defineProvider, nearest, secret } from '@chaos/core'

/** Reads variables of the controller's environment: `${secret:env:DB_PASSWORD}`. */
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
      const [meant] = nearest(name, Object.keys(process.env))
      throw new ChaosError('ENV_MISSING', {
        message: `The environment has no variable ${name}.`,
        hint: meant === undefined ? `Set it before chaos is started, and export it: export ${name}` : `Did you mean ${meant}?`,
        details: { name },
      })
    }
    return secret(value)
  },

  status: async () => ({ ready: true, text: 'It reads the environment that chaos was started with; nothing has to be unlocked.' }),
})
