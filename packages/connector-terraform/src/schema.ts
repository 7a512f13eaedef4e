import * as z from '@chaos/operations/zod'

/** The keys a host may carry. */
export const data = z.strictObject({
  terraform_directory: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the configuration whose outputs are read. `~/` is the home; relative paths start where chaos runs. Default: where chaos runs.')
    .meta({ examples: ['infra/production'] }),
  terraform_workspace: z
    .string()
    .regex(/^[^\s/-][^\s/]*$/, 'must be the name of a workspace')
    .optional()
    .describe('Workspace whose outputs are read; the one that is selected stays selected. Default: the selected one, or TF_WORKSPACE.')
    .meta({ examples: ['staging'] }),
  terraform_program: z
    .string()
    .regex(/^[^\s-]/, 'must be the name of a program, or its path')
    .optional()
    .describe('The program: terraform, tofu, or a path. `~/` is the home; relative paths start where chaos runs. Default: terraform, without it tofu.')
    .meta({ examples: ['tofu'] }),
  terraform_show_names: z
    .boolean()
    .optional()
    .describe('Whether hosts may come from a sensitive output: their names and ssh_ keys are then shown, passwords and all other texts stay secret. Default false: an error.'),
})

export type Data = z.infer<typeof data>
