import { defineOperation, touch } from '@chaos/core'
import { z } from 'zod'
import { meantOr } from '../union-message.ts'
import { serviceBackend, serviceBackends } from './service-backends.ts'
import { serviceMembers } from './service-members.ts'

const name = z.string({ error: 'a service is given by its name' }).regex(/^[^\s/\0-][^\s\0]*$/, 'this is no name of a service')

const schema = z.strictObject({
  name: z
    .union([name, z.array(name).min(1)], { error: meantOr('a service is given by its name, or several as a list') })
    .transform((names) => [...new Set([names].flat())])
    .describe('A service, or several that shall be the same.'),
  ...serviceMembers,
})

/** A service that runs or not, and starts with the machine or not, whatever the init system is. */
export const service = defineOperation({
  name: 'server.service',
  about: 'Ensures that services run or not, and start with the machine or not, by whatever init system the host has.',
  args: schema,
  example: { name: 'cron', running: true, enabled: true },
  diff: ({ running, enabled, state, ...rest }, host) => serviceBackend(host).diff({ running, enabled, state, ...rest }, host),
  touches: (args) => serviceBackends.flatMap(({ touches }) => touches(args.name)),
  follows: ({ restartWhenNewer, reloadWhenNewer }) => [...restartWhenNewer, ...reloadWhenNewer].map(touch.path),
  action: ({ state }) => state !== undefined,
  title: ({ name: names, state }) => `${names.join(' ')}${state === undefined ? '' : ` ${state}`}`,
})
