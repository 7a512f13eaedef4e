import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { sh } from '@chaos/core'
import type { Command, Connection } from '@chaos/core'
import { takePids } from '@chaos/containers/process'
import { HOLD } from './hold-script.ts'

/** Milliseconds that the end of a service may take; behind a lost connection nobody tells. */
const PATIENCE = 60_000

/** A service that ends with who holds it. */
export interface Held {
  /** Its socket, where it runs. */
  readonly path: string
  /** It ran a program in a container, which has this id. */
  ran(id: string): void
  /** Ends it; resolves when nothing of it is left, or nobody tells. */
  release(): Promise<void>
}

export interface Hold {
  readonly base: Pick<Connection, 'spawn'>
  /** The program with the options that all its commands take. */
  readonly podman: Command
  /** Of a service that is there: it is used, and not ended. */
  readonly socket: string | undefined
}

/** Starts a service of podman on the machine underneath. Undefined where that podman has none, or cannot be reached itself. */
export async function holdService({ base, podman, socket }: Hold): Promise<Held | undefined> {
  const mark = `chaos-podman-${randomBytes(12).toString('hex')}`
  const ending = new AbortController()
  const holder = await base.spawn(sh`exec /bin/sh -c ${HOLD.text} sh ${mark} ${socket === undefined ? podman : []}`, { signal: ending.signal }).catch(() => undefined)
  if (!holder) return undefined
  const { stdin, stdout, stderr, exit } = holder
  stdin.on('error', () => {})
  const ended = Promise.allSettled([exit, text(stderr)])
  const { pids } = await takePids(stdout, mark)
  if (pids === undefined) {
    stdin.end()
    await ended
    return undefined
  }
  stdout.resume()
  const within = async (): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, PATIENCE, false)))
    return Promise.race([ended.then(() => true), late]).finally(() => clearTimeout(timer))
  }
  return {
    path: socket ?? `/tmp/${mark}/socket`,
    ran: (id) => void stdin.write(`${id}\n`),
    async release() {
      stdin.end()
      if (await within()) return
      ending.abort()
      await within()
    },
  }
}
