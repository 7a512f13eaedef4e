import { ChaosError } from '@chaos/core'
import type { Host } from '@chaos/core'
import { openrcServices } from '../openrc/backend.ts'
import { systemdServices } from '../systemd/backend.ts'
import type { ServiceBackend } from './service-backend.ts'

/** In the order in which they are looked for. Another init system joins by a line here. */
export const serviceBackends: readonly ServiceBackend[] = [systemdServices, openrcServices]

/** What manages the services of a host. */
export function serviceBackend({ os, name }: Pick<Host, 'os' | 'name'>): ServiceBackend {
  const found = serviceBackends.find(({ fits }) => fits(os))
  if (found) return found
  throw new ChaosError('INIT_SYSTEM', {
    message: `The services of ${name} cannot be managed: ${os.init === 'none' ? 'no init system runs there' : `its init system is ${os.init}`}.`,
    hint: `Services are managed through ${serviceBackends.map(({ id }) => id).join(', ')}.`,
    host: name,
  })
}
