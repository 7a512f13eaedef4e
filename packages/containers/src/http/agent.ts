import { Agent } from 'node:http'
import type { Duplex } from 'node:stream'

interface MaybeSocket extends Duplex {
  unref?: () => void
  ref?: () => void
}

/**
 * An agent whose connections are dialled by somebody else: through an ssh connection, say. Node's own
 * expects sockets; a channel has no `setKeepAlive`, and need not be held back from keeping the process.
 */
export function dialAgent(dial: () => Promise<Duplex>): Agent {
  return Object.assign(new Agent({ keepAlive: true }), {
    createConnection(_: unknown, callback: (error: Error | null, stream?: Duplex) => void): undefined {
      dial().then((stream) => callback(null, stream), (error: Error) => callback(error))
    },
    keepSocketAlive(socket: MaybeSocket): boolean {
      socket.unref?.()
      return true
    },
    reuseSocket(socket: MaybeSocket): void {
      socket.ref?.()
    },
  })
}
