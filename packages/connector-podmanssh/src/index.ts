import { defineConnector } from '@chaos/core'

/** `@podmanssh/HOST:NAME`: a container of podman on an SSH host, `@ssh/HOST/@podman/NAME`. */
export default defineConnector({
  about: 'A container of podman on an SSH host: @podmanssh/HOST:NAME, or @podmanssh/NAME on that of ssh_hostname or CONTAINER_HOST.',
  async *hosts(argument, { hostData }) {
    const { expandOverSsh, parsePlace } = await import('@chaos/containers')
    yield await expandOverSsh(argument, {
      connector: 'podmanssh', engine: 'podman', source: 'CONTAINER_HOST',
      async place() {
        const url = process.env['CONTAINER_HOST']
        return url?.startsWith('ssh://') ? parsePlace(url, 'CONTAINER_HOST') : undefined
      },
      socketData: (path) => ({ podman_url: `unix://${path}` }),
      hostData,
    })
  },
})
