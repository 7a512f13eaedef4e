import * as z from '@chaos/operations/zod'

export const config = z.strictObject({
  store: z.string().min(1, 'a path is not empty').optional().describe('The folder of the store. Default: $PASSWORD_STORE_DIR, else ~/.password-store.'),
  timeout: z.number().positive().max(3600).optional().describe('Seconds for opening one entry, a passphrase that is typed meanwhile included. Default 60.'),
})

export interface PassConfig {
  store?: string
  timeout?: number
}
