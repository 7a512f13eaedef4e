import { ChaosError, defineConnector } from '@chaos/core'
import { openLocal } from './open.ts'

/** `@local`: this machine, as the user who runs chaos. */
export default defineConnector({
  about: 'This machine, as the user who runs chaos.',
  async open({ host, argument }) {
    if (argument !== '') {
      throw new ChaosError('CONNECTOR_ARGUMENT', { message: `@local takes no argument, but ${host} gives it "${argument}".`, hint: 'Write @local.', host })
    }
    return openLocal()
  },
})
