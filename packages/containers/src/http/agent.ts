import { Agent } from 'node:http'
import type { Duplex } from 'node:stream'

/** What node's own agent calls on a socket that it keeps. A channel through a tunnel has none of it, and need not hold the process back. */
const SOCKET = { setKeepAlive: nothing, setTimeout: nothing, ref: nothing, unref: nothing }

/** An agent whose connections are dialled by somebody else: through an ssh connection, say. */
export function dialAgent(dial: () => Promise<Duplex>): Agent {
  return Object.assign(new Agent({ keepAlive: true }), {
    createConnection(_: unknown, callback: (error: Error | null, stream?: Duplex) => void): undefined {
      dial().then(
        (stream) => {
          for (const [name, method] of Object.entries(SOCKET)) if (!(name in stream)) Object.assign(stream, { [name]: method })
          callback(null, stream)
        },
        (error: Error) => callback(error),
      )
    },
  })
}

function nothing(this: Duplex): Duplex {
  return this
}
