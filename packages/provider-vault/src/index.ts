import { defineProvider } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import { config } from './config.ts'
import type { VaultConfig } from './config.ts'
import { fieldOf } from './field.ts'
import { readOnce } from './read.ts'
import { parseReference } from './reference.ts'
import { sessionOf } from './session.ts'
import { statusOf } from './status.ts'
import { writeField } from './write.ts'

type Context = ProviderContext<VaultConfig | undefined>

/** Reads the key-value engines of Vault and OpenBao: `${secret:vault:secret/app/db#password}`. */
export default defineProvider({
  config,
  about: 'Key-value secrets of Vault or OpenBao.',

  async read(text, context: Context) {
    const reference = parseReference(text)
    return fieldOf(await readOnce(reference, await sessionOf(context), context.signal), reference)
  },

  async write(text, value, context: Context) {
    await writeField(parseReference(text), value, await sessionOf(context), context.signal)
    return text
  },

  status: async (context: Context) => statusOf(context),
})
