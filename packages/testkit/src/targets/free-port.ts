import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what the kernel gives away by itself, to servers that take any port and to every connection that is made. */
const FIRST = 10_000
const LAST = 32_767

/** A port of this machine's loopback that nobody listens on now, and that no other test is given while this process lives. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST + 1)
    if ((await claims(port)) && (await isFree(port))) return port
  }
}

/** By its twin of UDP, which nobody needs: whoever is given the port has yet to listen on it. */
async function claims(port: number): Promise<boolean> {
  const claim = createSocket('udp4').unref()
  try {
    const bound = once(claim, 'listening')
    claim.bind({ port, address: '127.0.0.1', exclusive: true })
    await bound
    return true
  } catch {
    claim.close()
    return false
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    const listening = once(server, 'listening')
    server.listen(port, '127.0.0.1')
    await listening
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
