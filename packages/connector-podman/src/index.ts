import { defineConnector } from '@chaos/core'
import { data } from './schema.ts'

/** `@podman/NAME`: a container of podman, or one that is started from an image. */
export default defineConnector({
  about: 'A container of podman, or one started from an image for this run.',
  data,
  async open(target, context) {
    const { open } = await import('./open.ts')
    return open(target, context)
  },
})
