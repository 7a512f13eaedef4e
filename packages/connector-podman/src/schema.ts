import { containerKeys } from '@chaos/containers/keys'
import * as z from '@chaos/operations/zod'

const folder = z.string().startsWith('/', 'must be an absolute path').optional()

/** The keys a host may carry. */
export const data = z
  .strictObject({
    ...containerKeys('podman'),
    podman_root: folder.describe("Where podman keeps images and containers, its --root, on the machine the container runs on. Default: podman's own."),
    podman_runroot: folder.describe("Where podman keeps what is lost when the machine restarts, its --runroot. Default: podman's own."),
    podman_url: z
      .string()
      .regex(/^(?:unix:\/\/\/|tcp:\/\/[^/])/, 'must be unix:///PATH or tcp://HOST:PORT; podman of another machine is @ssh/HOST/@podman/NAME')
      .optional()
      .describe('A service of podman that does the work instead of the program itself, its --url. Default: none.')
      .meta({ examples: ['unix:///run/podman/podman.sock'] }),
  })
  .refine(({ podman_url: url, podman_root: root, podman_runroot: runroot }) => url === undefined || (root === undefined && runroot === undefined), {
    path: ['podman_url'],
    message: 'podman_root and podman_runroot are of the service itself, and cannot be given with podman_url',
  })

export type Data = z.infer<typeof data>
