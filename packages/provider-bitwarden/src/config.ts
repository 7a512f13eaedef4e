import * as z from '@chaos/operations/zod'

const id = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'this is an id: bw list organizations, bw list collections')

export const config = z
  .strictObject({
    organization_id: id.optional().describe('Only items of this organization are read, and new ones belong to it. Default: all that you see, and your own vault.'),
    collection_id: id.optional().describe('Only items of this collection of the organization are read, and new ones lie in it.'),
    session_file: z.string().min(1, 'a path is not empty').optional().describe('A file that holds what `bw unlock --raw` prints. Default: the environment variable BW_SESSION.'),
    timeout: z.number().positive().max(3600).optional().describe('Seconds that bw may take. Default 60.'),
  })
  .refine((given) => given.collection_id === undefined || given.organization_id !== undefined, 'a collection belongs to an organization: give organization_id too')

export interface BitwardenConfig {
  organization_id?: string
  collection_id?: string
  session_file?: string
  timeout?: number
}
