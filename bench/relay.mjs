// A TCP relay that delays: node bench/relay.mjs HOST MILLISECONDS PORT… prints the ports of 127.0.0.1 that lead there.
// MILLISECONDS are a round trip. A chunk goes on half of one later, in order, in each direction; and the host is connected to one
// and a half after the client did, when the last packet of a TCP handshake would be there. The end of a stream travels like bytes.
// Not like a network: nothing is lost, bandwidth has no limit, and as each half of the way is loopback TCP, windows and
// acknowledgements wait for nothing (a real 20 ms line has a slow start). Timers fire late, by up to a millisecond each way.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const [host, roundTrip, ...ports] = [process.argv[2], ...process.argv.slice(3).map(Number)]
const half = roundTrip / 2

const relay = (port) => createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  near.on('error', () => {})
  setTimeout(() => {
    const far = connect({ host, port, allowHalfOpen: true, noDelay: true })
    // What the client said meanwhile is as old as its handshake.
    delay(near, far, performance.now())
    delay(far, near, 0)
    for (const each of [near, far]) each.on('error', () => [near, far].forEach((socket) => socket.destroy()))
  }, roundTrip + half)
})

/** Passes on what comes, half a round trip later; at once what came before `due`. */
function delay(from, to, due) {
  const waiting = []
  let timer
  const later = () => {
    timer = setTimeout(flush, Math.max(0, waiting[0].at - performance.now()))
  }
  function flush() {
    timer = undefined
    // Timers count whole milliseconds.
    while (waiting.length > 0 && waiting[0].at <= performance.now() + 0.5) {
      const { bytes } = waiting.shift()
      if (bytes === undefined) to.end()
      else if (!to.destroyed) to.write(bytes)
    }
    if (waiting.length > 0) later()
  }
  const take = (bytes) => {
    const now = performance.now()
    waiting.push({ at: now < due + 1 ? now : now + half, bytes })
    if (timer === undefined) later()
  }
  from.on('data', take)
  from.on('end', () => take())
}

const servers = ports.map((port) => relay(port).listen(0, '127.0.0.1'))
await Promise.all(servers.map((server) => once(server, 'listening')))
console.log(servers.map((server) => server.address().port).join(' '))
