import { posix } from 'node:path'
import { ChaosError, defineConnector } from '@chaos/core'
import { openChroot } from './open.ts'
import { bindsOf, data } from './schema.ts'
import type { Data } from './schema.ts'

/** `@chroot/PATH`: a folder with a system in it, of this machine or of the one it is stacked on. */
export default defineConnector({
  about: 'A folder with a system in it, entered by chroot: an image in the making, a disk that is mounted.',
  data,
  async open({ host, argument, data: given }, context) {
    const options: Data = given
    // A slash at its end would hide that it is a link.
    const path = posix.normalize(`/${argument}`).replace(/(?<=.)\/$/, '')
    if (path === '/') {
      throw new ChaosError('CONNECTOR_ARGUMENT', { message: `${host} does not say which folder to enter.`, hint: 'Write @chroot/PATH: @chroot/mnt/target is the folder /mnt/target.', host, details: { retry: false } })
    }
    return openChroot({ host, path, binds: bindsOf(options), sudo: options.chroot_sudo ?? false, context })
  },
})
