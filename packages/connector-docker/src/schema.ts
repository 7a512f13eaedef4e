import { containerKeys } from '@chaos/containers/keys'
import * as z from '@chaos/operations/zod'

/** The keys a host may carry. */
export const data = z.strictObject({
  ...containerKeys('docker'),
  docker_socket: z
    .string()
    .startsWith('/')
    .optional()
    .describe("Path of the engine's socket on the machine the container runs on. Default: DOCKER_HOST or the docker context of this machine; on another one /var/run/docker.sock."),
})

export type Data = z.infer<typeof data>
