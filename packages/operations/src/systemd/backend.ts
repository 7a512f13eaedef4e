import { enabledServices } from '../facts/systemd-units.ts'
import type { ServiceBackend } from '../server/service-backend.ts'
import { unitName } from './name.ts'
import { unitTouch } from './scope.ts'
import { serviceDiff } from './service.ts'

/** Services through systemd; also where it is installed and does not run, in a chroot or an image. */
export const systemdServices: ServiceBackend = {
  id: 'systemd',
  fits: ({ init, tools }) => init === 'systemd' || ((init === 'none' || init === 'sysv') && tools.includes('systemctl')),
  diff: (wanted, host) =>
    serviceDiff(
      { ...wanted, name: wanted.name.map(unitName), restartWhenNewer: [...wanted.restartWhenNewer], reloadWhenNewer: [...wanted.reloadWhenNewer], masked: undefined, user: undefined },
      host,
    ),
  touches: (names) => names.map((name) => unitTouch(unitName(name))),
  enabled: async (host) => (await host.fact(enabledServices())).map(({ id }) => id),
}
