import { ChaosError, defineConnector } from '@chaos/core'
import { openContainer } from './container/open.ts'
import { data } from './schema.ts'
import type { Data } from './schema.ts'

/** `@lxc/NAME`: a container of LXC, on this machine or on the one it is stacked on. */
export default defineConnector({
  about: 'A container of LXC.',
  data,
  async open({ host, argument, data: given }, context) {
    if (argument === '' || argument.includes('/')) {
      throw new ChaosError('CONNECTOR_ARGUMENT', {
        message: argument === '' ? `${host} does not say which container.` : `${host}: "${argument}" is no name of a container.`,
        hint: 'Write @lxc/NAME; where the containers lie is lxc_path.',
        host,
        details: { retry: false },
      })
    }
    const { lxc_path: path, lxc_keep_running: keepRunning = false, lxc_sudo: sudo = false }: Data = given
    return openContainer({ host, name: argument, path, keepRunning, sudo, context })
  },
})
