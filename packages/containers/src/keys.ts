import { isSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import * as z from '@chaos/operations/zod'
import type { ContainerOptions } from './lifecycle/contract.ts'

const IMAGE = /^[a-z0-9]+(?:[._/:-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?$/

const SHAPE = {
  commit: z
    .union([z.string().regex(IMAGE, 'must be NAME:TAG of an image, in small letters'), z.literal(false)])
    .optional()
    .describe('When a container was started from an image: NAME:TAG of the image made of it at the end, or false to make none. Default: an image without a name, whose id is reported. Only after a run that went well.'),
  keep_running: z.boolean().optional().describe('When a container that was stopped was started: true leaves it running. Default false: it is stopped again.'),
  platform: z.string().optional().describe('When a container is started from an image: its platform. Default: that of the engine.').meta({ examples: ['linux/arm64'] }),
  network: z.string().optional().describe("When a container is started from an image: its network, also host or none. Default: the engine's.").meta({ examples: ['host'] }),
  volumes: z
    .array(z.string())
    .optional()
    .describe('When a container is started from an image: what is mounted in it, as /ON/THE/ENGINE:/IN/THE/CONTAINER or VOLUME:/IN/THE/CONTAINER, with :ro for read-only.')
    .meta({ examples: [['/srv/www:/srv/www:ro']] }),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'must be a name of a variable'), z.union([z.string(), z.custom<Secret>(isSecret).meta({ format: 'chaos-secret' })]))
    .optional()
    .describe('Environment of every command that chaos runs in the container, in addition to its own; it is not kept in an image. Values may be secrets.')
    .meta({ examples: [{ HTTP_PROXY: 'http://proxy:3128' }] }),
  pull: z.enum(['missing', 'always', 'never']).optional().describe('When an image is fetched from its registry. Default missing.'),
  user: z.string().min(1).optional().describe('Who runs the commands: name, number or USER:GROUP. Default: the user of the container.').meta({ examples: ['root'] }),
}

type Shape = typeof SHAPE

/** The keys that a host in a container may carry, whatever the engine, for a schema of zod: `docker_commit` for the prefix `docker`. */
export function containerKeys<Prefix extends string>(prefix: Prefix): { [Name in keyof Shape as `${Prefix}_${Name}`]: Shape[Name] } {
  const prefixed = Object.fromEntries(Object.entries(SHAPE).map(([name, schema]) => [`${prefix}_${name}`, schema]))
  return prefixed as { [Name in keyof Shape as `${Prefix}_${Name}`]: Shape[Name] }
}

/** What a host's data, validated, say of its container. */
export function containerOptions(prefix: string, data: Readonly<Record<string, unknown>>): ContainerOptions {
  const named = Object.fromEntries(Object.keys(SHAPE).map((name) => [name, data[`${prefix}_${name}`]]))
  const { keep_running: keepRunning, ...others } = named as { [Name in keyof Shape]: z.infer<Shape[Name]> }
  return { keepRunning, ...others }
}
