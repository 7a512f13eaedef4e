import * as z from '@chaos/operations/zod'

/** The keys a host may carry. */
export const data = z.strictObject({
  vagrant_directory: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the Vagrantfile, or one below it. `~/` is the home; relative paths start where chaos runs. Default: VAGRANT_CWD, else where chaos runs.')
    .meta({ examples: ['boxes/lab'] }),
})

export type Data = z.infer<typeof data>
