import { isChaosError } from '@chaos/core'
import type { ProviderContext } from '@chaos/core'
import * as z from '@chaos/operations/zod'
import { bw } from './bw.ts'

const printed = z.object({ status: z.enum(['unlocked', 'locked', 'unauthenticated']), lastSync: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:/).nullish() })

export async function status(context: ProviderContext): Promise<{ ready: boolean; text: string }> {
  try {
    return said(printed.safeParse(JSON.parse(await bw(['status'], context))).data)
  } catch (error) {
    return isChaosError(error) ? { ready: false, text: `${error.message} ${error.hint ?? ''}`.trim() } : said(undefined)
  }
}

function said(told: z.infer<typeof printed> | undefined): { ready: boolean; text: string } {
  if (told === undefined) return { ready: false, text: 'bw status printed something else than what it should.' }
  if (told.status === 'unauthenticated') return { ready: false, text: 'Nobody is logged in: bw login' }
  if (told.status === 'locked') return { ready: false, text: 'The vault is locked: export BW_SESSION=$(bw unlock --raw)' }
  return { ready: true, text: `The vault is unlocked; bw fetched it last ${told.lastSync ? `on ${told.lastSync.slice(0, 16).replace('T', ' at ')} UTC` : 'never'}.` }
}
