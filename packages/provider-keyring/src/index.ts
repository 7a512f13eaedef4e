import { Buffer } from 'node:buffer'
import { ChaosError, defineProvider, isChaosError, secret } from '@chaos/core'
import { ask } from './ask.ts'
import { config } from './config.ts'
import { partsOf } from './reference.ts'

/** Entries of the operating system's keyring: `${secret:keyring:mail.example.net/ana}`. */
export default defineProvider({
  config,
  about: 'Entries of the keyring of the operating system.',

  async read(reference, context) {
    const entry = partsOf(reference)
    const { value } = await ask({ action: 'read', ...entry }, context)
    if (value === undefined) throw new ChaosError('KEYRING_MISSING', { message: `The keyring has no entry for the service ${entry.service} and the account ${entry.account}.`, hint: 'Upper and lower case matter. On Linux: secret-tool store --label=LABEL service SERVICE username ACCOUNT', details: entry })
    if (value === '') throw new ChaosError('KEYRING_EMPTY', { message: `The entry ${reference} of the keyring is empty.`, details: entry })
    try {
      return secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'base64')))
    } catch {
      throw new ChaosError('KEYRING_NO_TEXT', { message: `The entry ${reference} of the keyring holds bytes that are no text.`, hint: 'Store them in base64.', details: entry })
    }
  },

  async write(reference, value, context) {
    const entry = partsOf(reference)
    const content = value.map((text) => {
      if (text !== '') return text
      throw new ChaosError('KEYRING_EMPTY', { message: `Nothing was given for the entry ${reference}.`, details: entry })
    })
    const { exists } = await ask({ action: 'write', ...entry, value: content }, context)
    if (exists) throw new ChaosError('KEYRING_EXISTS', { message: `The keyring has an entry ${reference} already, which is not overwritten.`, hint: 'Choose another name, or remove it first. On Linux: secret-tool clear service SERVICE username ACCOUNT', details: entry })
    return reference
  },

  async status(context) {
    try {
      await ask({ action: 'status' }, context)
      return { ready: true, text: 'The keyring of this session answers; it asks for its password if it is locked.' }
    } catch (error) {
      if (isChaosError(error)) return { ready: false, text: error.message }
      throw error
    }
  },
})
