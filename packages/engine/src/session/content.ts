import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { isChaosError } from '@chaos/core'
import type { Connection, Process } from '@chaos/core'
import type { WritePart } from './contract.ts'
import type { Job } from './job.ts'
import type { WriteText } from './write.ts'

export interface SendOptions {
  readonly part: WritePart
  readonly write: WriteText
  readonly job: Job
  readonly process: Process
  /** Ends the shell: what it has read of a content that breaks off must never be taken for commands. */
  readonly drop: () => void
  /** Set where the connection brings files faster than the stream, and as who we are. */
  readonly connection?: Required<Pick<Connection, 'writeFile'>> | undefined
  /** Removes what was brought after the request had been ended. */
  readonly remove: (path: string) => void
}

/** Brings a content to the temporary file of a part that waits for it. */
export async function sendContent({ part, write, job, process, drop, connection, remove }: SendOptions): Promise<void> {
  const source = await sourceOf(part).catch((error: unknown) => String(error instanceof Error ? error.message : error))
  if (typeof source === 'string') return job.refuse(source)
  try {
    const brought = connection && (await bring(connection, write.temporary, source.chunks))
    if (brought !== undefined && brought !== 'unsupported') {
      // The name it has for the moment says nothing to anybody.
      if (brought !== 'done') job.refuse(`${part.path}: ${brought.failed.replaceAll(`${write.temporary}: `, '')}`)
      else if (job.pass('put')) return
      remove(write.temporary)
    } else if (job.pass('go')) {
      const complete = await pour(source.chunks, write.size, process)
      if (!complete) drop()
    }
  } finally {
    await source.handle?.close()
  }
}

/** By the connection's own way; `unsupported` where the machine turned out to have none, and nothing was read or written. */
async function bring(connection: Required<Pick<Connection, 'writeFile'>>, path: string, chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<'done' | 'unsupported' | { failed: string }> {
  try {
    await connection.writeFile(path, Readable.from(chunks), { mode: 0o600 })
    return 'done'
  } catch (error) {
    if (hasNoFileTransfer(error)) return 'unsupported'
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}

/** What a connection answers that has learnt only now that the machine brings no files of itself. The shell does. */
export function hasNoFileTransfer(error: unknown): boolean {
  return isChaosError(error) && error.code === 'FILE_TRANSFER_UNSUPPORTED'
}

/** Writes exactly `size` bytes; false when there were not as many, or nobody reads them any more. */
async function pour(chunks: AsyncIterable<Buffer> | Iterable<Buffer>, size: number, { stdin, exit }: Process): Promise<boolean> {
  let left = size
  let ended = false
  const over = exit.then(
    () => void (ended = true),
    () => void (ended = true),
  )
  try {
    for await (const chunk of chunks) {
      const bytes = chunk.length > left ? chunk.subarray(0, left) : chunk
      left -= bytes.length
      if (!stdin.write(bytes)) await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), over])
      if (ended || left === 0) break
    }
  } catch {
    return false
  }
  return left === 0
}

async function sourceOf({ content }: WritePart): Promise<{ chunks: AsyncIterable<Buffer> | Iterable<Buffer>; handle?: FileHandle }> {
  if (content instanceof Uint8Array) return { chunks: slices(Buffer.from(content.buffer, content.byteOffset, content.byteLength)) }
  const handle = await open(content.local)
  const { size } = await handle.stat()
  if (size === content.size) return { chunks: handle.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 }), handle }
  await handle.close()
  throw new Error(`${content.local} has changed: it had ${content.size} bytes and has ${size}`)
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 256 * 1024) yield bytes.subarray(at, at + 256 * 1024)
}
