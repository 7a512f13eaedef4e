import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Connection } from '@chaos/core'
import { quote } from '@chaos/core'

/** A way for ssh over the connection that this one is stacked on. */
export interface Bridge {
  /** A ProxyCommand: this node, which copies between its own streams and our socket. */
  readonly command: string
  /** Why the last tunnel could not be had. */
  error(): unknown
  close(): Promise<void>
}

/** No quote, backslash or exclamation mark in it: the user's shell runs a ProxyCommand, whatever shell that is. */
const COPY = 'const s=require("net").connect(process.argv[1]);s.on("error",()=>process.exit(1));process.stdin.pipe(s);s.pipe(process.stdout)'

export async function createBridge(folder: string, base: Connection, to: { host: string; port: number }): Promise<Bridge> {
  const path = join(folder, 'base')
  const sockets = new Set<Socket>()
  let failed: unknown
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    void (async () => {
      try {
        const tunnel = await (base.dial as NonNullable<Connection['dial']>)(to)
        tunnel.on('error', () => {})
        // Either side may break the way at any time; ssh tells what that means.
        await Promise.all([pipeline(socket, tunnel), pipeline(tunnel, socket)])
      } catch (error) {
        failed = error
        socket.destroy()
      }
    })()
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    command: [process.execPath, '-e', COPY, path].map(quote).join(' '),
    error: () => failed,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
