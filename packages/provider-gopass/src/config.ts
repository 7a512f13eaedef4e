import * as z from '@chaos/operations/zod'

export const config = z.strictObject({
  timeout: z.number().positive().max(3600).optional().describe('Seconds for opening one entry, a passphrase that is typed meanwhile included. Default 60.'),
})

export interface GopassConfig {
  timeout?: number
}
