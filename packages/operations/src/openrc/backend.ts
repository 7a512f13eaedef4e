import { ChaosError } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import type { ServiceBackend, WantedServices } from '../server/service-backend.ts'
import { newestOf } from '../server/service-newest.ts'
import { serviceChanges } from './changes.ts'
import { serviceDifference } from './difference.ts'
import { isServiceName, openrcEnabled, openrcService, openrcTouch } from './service-state.ts'

/** Services through OpenRC, where it runs. */
export const openrcServices: ServiceBackend = {
  id: 'openrc',
  fits: ({ init }) => init === 'openrc',
  diff: serviceDiff,
  touches: (names) => names.map(openrcTouch),
  enabled: (host) => host.fact(openrcEnabled()),
}

async function serviceDiff(wanted: WantedServices, host: Host): Promise<Diff> {
  const { name: names, removes } = wanted
  const strange = names.find((name) => !isServiceName(name))
  if (strange !== undefined) throw noName(strange, host)
  const [newest, enabled, services] = await Promise.all([
    newestOf(wanted, host),
    removes ? host.fact(openrcEnabled()) : [],
    Promise.all(names.map((name) => host.fact(openrcService(name)))),
  ])
  const differences = services.map((service) => ({ service, acts: serviceDifference(wanted, service, newest) }))
  const missing = differences.filter(({ acts }) => acts === 'later').map(({ service: { name } }) => name)
  if (missing.length > 0) return { later: `${missing.length === 1 ? 'service' : 'services'} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there yet` }
  const differing = differences.flatMap(({ service, acts }) => (acts === 'later' || acts.length === 0 ? [] : [{ service, acts }]))
  return serviceChanges(differing, { host, several: names.length > 1, ...(removes ? { removesOf: enabled.length } : {}) })
}

function noName(name: string, host: Host): ChaosError {
  return new ChaosError('SERVICE_NAME', {
    message: `${JSON.stringify(name)} is no name of a service of OpenRC.`,
    hint: 'It is the name of a file in /etc/init.d: letters, digits, and _ . + @ -',
    host: host.name,
  })
}
