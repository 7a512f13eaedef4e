import * as z from '@chaos/operations/zod'

export const config = z.strictObject({
  timeout: z.number().positive().max(3600).optional().describe('Seconds for one entry, somebody who unlocks the keyring meanwhile included. Default 60.'),
})

export interface KeyringConfig {
  timeout?: number
}
