import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { sh } from '@chaos/core'
import type { Command, Connection, Process } from '@chaos/core'
import { asRootIfNeeded } from '../elevate.ts'
import type { Bind } from '../schema.ts'
import { readAnswer } from './answer.ts'
import { failure } from './failure.ts'
import { PREPARE } from './prepare-script.ts'

export interface PrepareOptions {
  readonly base: Connection
  /** The whole name of the host. */
  readonly host: string
  readonly path: string
  readonly binds: readonly Bind[]
  /** Whether sudo may be used. */
  readonly sudo: boolean
  readonly signal: AbortSignal
}

/** A root that can be entered. */
export interface Root {
  /** Its path on the machine underneath, without links. */
  readonly path: string
  /** Whether the way in is through sudo. */
  readonly sudo: boolean
  /** The process that holds the mounts; undefined without any. */
  readonly holder: Holder | undefined
}

export interface Holder {
  readonly pid: string
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>
  /** Lets the mounts go; they are gone when nothing runs any more that has them. */
  release(): Promise<void>
}

/** Looks at a root, and mounts what is to be seen in it. Rejects with why it cannot be entered; then nothing is left of it. */
export async function prepareRoot({ base, host, path, binds, sudo, signal }: PrepareOptions): Promise<Root> {
  signal.throwIfAborted()
  const mark = `chaos-${randomBytes(12).toString('hex')}`
  const places = binds.flatMap(({ source, inside }) => [source, inside])
  const shell = sh`/bin/sh -c ${PREPARE.text} sh ${mark} ${path} ${places}`
  const own: Command = binds.length === 0 ? shell : sh`unshare --mount --propagation slave ${shell}`
  const ending = new AbortController()
  const stop = (): void => ending.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const process = await base.spawn(asRootIfNeeded(own, sudo, mark), { signal: ending.signal })
    process.stdin.on('error', () => {})
    const ended = process.exit.then(() => {}, () => {})
    const stderr = text(process.stderr).catch(() => '')
    const answer = await readAnswer(process, mark)
    const found = answer.get('root')
    if (found === undefined || !answer.has('end')) {
      process.stdin.end()
      await process.exit
      signal.throwIfAborted()
      throw failure(answer, (await stderr).trim(), { host, path, mounts: binds.length > 0 })
    }
    const holder = binds.length === 0 ? undefined : holderOf(process, answer.get('pid') as string, ended, ending)
    if (!holder) await ended
    return { path: found, sudo: answer.has('sudo'), holder }
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Milliseconds the holder may take to see the end of its input, and to be ended otherwise; behind a lost connection nobody tells. */
const PATIENCE = 2000

function holderOf({ stdin }: Process, pid: string, ended: Promise<void>, ending: AbortController): Holder {
  const within = async (): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, PATIENCE, false)))
    return Promise.race([ended.then(() => true), late]).finally(() => clearTimeout(timer))
  }
  return {
    pid,
    ended,
    async release() {
      stdin.end()
      if (await within()) return
      ending.abort()
      await within()
    },
  }
}
