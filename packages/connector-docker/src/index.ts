import { defineConnector } from '@chaos/core'
import { data } from './schema.ts'

/** `@docker/NAME`: a container of a Docker engine, or one that is started from an image. */
export default defineConnector({
  about: 'A container of a Docker engine, or one started from an image for this run.',
  data,
  async *hosts(argument, { data: given }) {
    const { expand } = await import('./expand.ts')
    yield await expand(argument, given)
  },
  async open(target, context) {
    const { open } = await import('./open.ts')
    return open(target, context)
  },
})
