import type { Readable } from 'node:stream'
import { ChaosError, sh } from '@chaos/core'
import { hasNoFileTransfer } from './content.ts'
import type { Part, PartAnswer } from './contract.ts'
import type { Sink } from './job.ts'

/** Bytes that may wait for the reader before the host is made to wait. */
const AHEAD = 4 * 1024 * 1024

export interface ReadOptions {
  readonly path: string
  readonly host: string
  /** Set where the connection reads files faster than the stream, and as who we are. */
  readonly readFile: ((path: string) => Promise<Readable>) | undefined
  readonly run: (part: Part, signal: AbortSignal, sink: Sink) => Promise<readonly PartAnswer[]>
}

/** The bytes of a file as they come. Stopping early ends the reading on the host. */
export async function* readFrom({ path, host, readFile, run }: ReadOptions): AsyncGenerator<Uint8Array> {
  if (readFile) {
    const stream = await readFile(path).catch((error: unknown) => {
      if (hasNoFileTransfer(error)) return undefined
      throw notRead(host, path, error instanceof Error ? error.message.replace(`${path}: `, '') : String(error))
    })
    if (stream) return yield* stream
  }
  const stop = new AbortController()
  let chunks: Buffer[] = []
  let wake = () => {}
  let ended = false
  let held = 0
  let resume = () => {}
  const answers = run({ kind: 'command', trusted: true, command: sh`cat -- ${path}` }, stop.signal, (bytes, more) => {
    chunks.push(bytes)
    held += bytes.length
    resume = more
    wake()
    return held > AHEAD && !stop.signal.aborted
  })
  const over = answers.then(
    () => {
      ended = true
      wake()
    },
    () => {
      ended = true
      wake()
    },
  )
  try {
    for (;;) {
      const ready = chunks
      chunks = []
      yield* ready
      held -= ready.reduce((sum, { length }) => sum + length, 0)
      if (held <= AHEAD) resume()
      if (chunks.length > 0) continue
      if (ended) break
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const [answer] = await answers
    if (answer?.state === 'done' && answer.code === 0) return
    throw notRead(host, path, answer?.state === 'done' ? Buffer.from(answer.stderr).toString() : answer?.state === 'unknown' ? answer.reason : 'it was ended')
  } finally {
    stop.abort()
    resume()
    await over
  }
}

function notRead(host: string, path: string, why: string): ChaosError {
  return new ChaosError('READ_FAILED', { message: `${path} cannot be read on ${host}: ${why.trim()}`, host })
}
