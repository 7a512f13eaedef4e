import * as z from '@chaos/operations/zod'

/** What is often needed inside, by a short name. */
const NAMED = { proc: '/proc', sys: '/sys', dev: '/dev', 'resolv.conf': '/etc/resolv.conf' } as const
const NAMES = Object.keys(NAMED) as [keyof typeof NAMED, ...(keyof typeof NAMED)[]]

/** The keys a host may carry. */
export const data = z.strictObject({
  chroot_bind: z
    .array(z.union([z.enum(NAMES), z.string().regex(/^\/[^:]*(:\/[^:]*[^:/][^:]*)?$/, 'must be /OUTSIDE or /OUTSIDE:/INSIDE')]))
    .optional()
    .describe('What of the machine underneath is seen inside, with all that is mounted below it: proc, sys, dev, resolv.conf, or /OUTSIDE:/INSIDE. Only chaos and what it starts see it, as long as they run. Default: nothing.')
    .meta({ examples: [['proc', 'sys', 'dev', 'resolv.conf'], ['/srv/cache:/var/cache']] }),
  chroot_sudo: z
    .boolean()
    .optional()
    .describe('Where chaos is not root on the machine underneath: true enters by sudo there, which must ask for no password. Default false: an error, because only root can enter.'),
})

export type Data = z.infer<typeof data>

/** Something of the machine underneath, and where it is seen inside. */
export interface Bind {
  readonly source: string
  readonly inside: string
}

export function bindsOf({ chroot_bind: binds = [] }: Data): readonly Bind[] {
  return binds.map((each) => {
    const [source, inside = source] = (each in NAMED ? NAMED[each as keyof typeof NAMED] : each).split(':') as [string, string?]
    return { source, inside }
  })
}
