import { Duplex } from 'node:stream'
import { sh } from '@chaos/core'
import type { Connection } from '@chaos/core'

/** As much of what the program says as is told. */
const SAID = 500

/** A stream to an engine's socket on a machine that has no tunnels, in a chroot or another container: its program `docker` passes it on. */
export async function dialStdio(base: Pick<Connection, 'spawn'>, path: string): Promise<Duplex> {
  const { stdin, stdout, stderr, exit } = await base.spawn(sh`exec docker --host ${`unix://${path}`} system dial-stdio`)
  const stream = Duplex.from({ readable: stdout, writable: stdin })
  let said = ''
  stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(0, SAID)))
  exit.then(
    ({ code }) => code !== 0 && stream.destroy(new Error(said.trim() || `docker system dial-stdio ended with code ${code}`)),
    (error: Error) => stream.destroy(error),
  )
  return stream
}
