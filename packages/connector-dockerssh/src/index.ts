import { defineConnector } from '@chaos/core'

/** `@dockerssh/HOST:NAME`: a container of the Docker engine of an SSH host, `@ssh/HOST/@docker/NAME`. */
export default defineConnector({
  about: 'A container of a Docker engine on an SSH host: @dockerssh/HOST:NAME, or @dockerssh/NAME on that of ssh_hostname, DOCKER_HOST or the docker context.',
  async *hosts(argument, { hostData }) {
    const { expandOverSsh, findPlace } = await import('@chaos/containers')
    yield await expandOverSsh(argument, {
      connector: 'dockerssh', engine: 'docker', place: () => findPlace(), source: 'DOCKER_HOST or the docker context', socketData: (path) => ({ docker_socket: path }), hostData,
    })
  },
})
