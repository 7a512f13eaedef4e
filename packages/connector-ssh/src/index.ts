import { defineConnector } from '@chaos/core'
import { openClient } from './client/open.ts'
import { keys } from './settings/keys.ts'
import { resolveSettings } from './settings/resolve.ts'

/** `@ssh/HOST`, and every host that is written without a connector: over SSH, as OpenSSH reaches it. */
export default defineConnector({
  about: 'Hosts over SSH, as OpenSSH reaches them.',
  data: keys,
  // Each opening is a handshake and a login of its own, also by the system's ssh, which is kept from the user's ControlMaster: `fresh` needs no more.
  login: true,
  async open(target, context) {
    const settings = await resolveSettings(target, context)
    if (settings.transport === 'ssh2') return openClient(settings, target, context)
    const { openOpenssh } = await import('./openssh/open.ts')
    return openOpenssh(settings, target, context)
  },
  async identify(target, context) {
    const { identify } = await import('./identify/index.ts')
    return identify(await resolveSettings(target, context), target, context)
  },
})
