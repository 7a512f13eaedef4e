import { defineConnector } from '@chaos/core'
import { openClient } from './client/open.ts'
import { identify } from './identify/index.ts'
import { openOpenssh } from './openssh/open.ts'
import { keys } from './settings/keys.ts'
import { resolveSettings } from './settings/resolve.ts'

/** `@ssh/HOST`, and every host that is written without a connector: over SSH, as OpenSSH reaches it. */
export default defineConnector({
  about: 'Hosts over SSH, as OpenSSH reaches them.',
  data: keys,
  async open(target, context) {
    const settings = await resolveSettings(target, context)
    const open = settings.transport === 'openssh' ? openOpenssh : openClient
    return open(settings, target, context)
  },
  async identify(target, context) {
    return identify(await resolveSettings(target, context), target, context)
  },
})
