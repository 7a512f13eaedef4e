import { sh } from '@chaos/core'
import type { Connection } from '@chaos/core'

/** Milliseconds a connection may take to run nothing before it counts as lost. */
const PATIENCE = 5000

/** Whether a connection still runs commands. */
export async function answers(connection: Connection): Promise<boolean> {
  const abort = new AbortController()
  const late = new Promise<false>((resolve) => {
    const timer = setTimeout(() => resolve(false), PATIENCE)
    abort.signal.addEventListener('abort', () => clearTimeout(timer))
  })
  try {
    return await Promise.race([tries(connection, abort.signal), late])
  } catch {
    return false
  } finally {
    abort.abort()
  }
}

async function tries(connection: Connection, signal: AbortSignal): Promise<boolean> {
  const { stdin, stdout, stderr, exit } = await connection.spawn(sh`:`, { signal })
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {})
  stdin.end()
  stdout.resume()
  stderr.resume()
  return (await exit).code === 0
}
