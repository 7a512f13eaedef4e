import * as z from '@chaos/operations/zod'

/** The keys a host may carry. */
export const data = z.strictObject({
  lxc_path: z
    .string()
    .startsWith('/')
    .optional()
    .describe('Folder that holds the containers. Default: that of LXC, /var/lib/lxc for root.')
    .meta({ examples: ['/srv/lxc'] }),
  lxc_keep_running: z.boolean().optional().describe('When a container that was stopped was started: true leaves it running. Default false: it is stopped again.'),
  lxc_sudo: z
    .boolean()
    .optional()
    .describe("Where chaos is not root on the machine underneath: true uses root's containers by sudo there, which must ask for no password. Default false: those of the user."),
})

export type Data = z.infer<typeof data>
