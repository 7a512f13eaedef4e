import { isSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import * as z from '@chaos/operations/zod'

const IMAGE = /^[a-z0-9]+(?:[._/:-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?$/

/** The keys a host may carry. */
export const data = z.strictObject({
  docker_commit: z
    .union([z.string().regex(IMAGE, 'must be NAME:TAG of an image, in small letters'), z.literal(false)])
    .optional()
    .describe('When a container was started from an image: NAME:TAG of the image made of it at the end, or false to make none. Default: an image without a name, whose id is reported. Only after a run that went well.'),
  docker_keep_running: z.boolean().optional().describe('When a container that was stopped was started: true leaves it running. Default false: it is stopped again.'),
  docker_platform: z.string().optional().describe('When a container is started from an image: its platform. Default: that of the engine.').meta({ examples: ['linux/arm64'] }),
  docker_network: z.string().optional().describe("When a container is started from an image: its network, also host or none. Default: the engine's.").meta({ examples: ['host'] }),
  docker_volumes: z
    .array(z.string())
    .optional()
    .describe('When a container is started from an image: what is mounted in it, as /ON/THE/ENGINE:/IN/THE/CONTAINER or VOLUME:/IN/THE/CONTAINER, with :ro for read-only.')
    .meta({ examples: [['/srv/www:/srv/www:ro']] }),
  docker_env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'must be a name of a variable'), z.union([z.string(), z.custom<Secret>(isSecret).meta({ format: 'chaos-secret' })]))
    .optional()
    .describe('Environment of every command that chaos runs in the container, in addition to its own; it is not kept in an image. Values may be secrets.')
    .meta({ examples: [{ HTTP_PROXY: 'http://proxy:3128' }] }),
  docker_pull: z.enum(['missing', 'always', 'never']).optional().describe('When an image is fetched from its registry. Default missing.'),
  docker_user: z.string().min(1).optional().describe('Who runs the commands: name, number or USER:GROUP. Default: the user of the container.').meta({ examples: ['root'] }),
  docker_socket: z
    .string()
    .startsWith('/')
    .optional()
    .describe("Path of the engine's socket on the machine the container runs on. Default: DOCKER_HOST or the docker context of this machine; on another one /var/run/docker.sock."),
})

export type Data = z.infer<typeof data>
