// A ProxyCommand: its stdin and stdout are a connection to HOST PORT, as with `nc HOST PORT`.
import { connect } from 'node:net'

const [host, port] = process.argv.slice(2)
const socket = connect({ host, port: Number(port), noDelay: true })
socket.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
socket.on('close', () => process.exit())
process.stdin.pipe(socket).pipe(process.stdout)
