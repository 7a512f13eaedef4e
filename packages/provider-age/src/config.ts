import * as z from '@chaos/operations/zod'

const path = z.string().min(1, 'a path is not empty')

export const config = z
  .strictObject({
    file: path.optional().describe('A file of sops. A reference is a key in it: users.ana.tokens[0]'),
    folder: path.optional().describe('A folder of files of age. A reference names one, without its .age: db/password'),
    identities: path.optional().describe('An age identity file. Default: those of sops and of chaos, as for `chaos secrets`.'),
  })
  .refine(({ file, folder }) => (file === undefined) !== (folder === undefined), 'give either file or folder')

export interface AgeConfig {
  file?: string
  folder?: string
  identities?: string
}
