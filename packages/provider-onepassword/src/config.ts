import * as z from '@chaos/operations/zod'

const name = (what: string) => z.string().regex(/^[^\0/?-][^\0/?]*$/, `this is ${what}, without / and ?, and no option`)

export const config = z.strictObject({
  account: name('an account: op account list').optional().describe('The account, as for `op --account`. Default: that of op.'),
  vault: name('a vault').optional().describe('The vault of references that name none, and where new items are put.'),
  field: name('the name of a field').optional().describe('The field of references that name none, and of new items. Default notesPlain.'),
  timeout: z.number().positive().max(3600).optional().describe('Seconds that op may take. Default 60: it may have to ask you.'),
})

export interface OnePasswordConfig {
  account?: string
  vault?: string
  field?: string
  timeout?: number
}

export const FIELD = 'notesPlain'
