import type { Readable } from 'node:stream'
import type { Place } from '../errors.ts'
import { transferFailed } from './failure.ts'
import type { Sftp } from './sftp.ts'

/** Bytes of one write, and writes that are under way at once: enough that a long way does not slow it down. */
const PIECE = 128 * 1024
const AT_ONCE = 16
const UNSUPPORTED = 8

/** Writes a file by sftp. */
export async function writeBySftp(place: Place, sftp: Sftp, path: string, content: Readable, mode: number): Promise<void> {
  let handle: Buffer | undefined
  try {
    const opened = await sftp.call<Buffer>((wrapper, done) => wrapper.open(path, 'w', { mode }, done))
    handle = opened
    // One that is there already keeps its mode at `open`. The server does it before the first write, which does not wait for the answer.
    const moded = setMode(sftp, opened, mode)
    moded.catch(() => {})
    await pour(sftp, opened, content)
    await moded
    await sftp.call<void>((wrapper, done) => wrapper.close(opened, done))
  } catch (error) {
    content.destroy()
    if (handle !== undefined) closeLater(sftp, handle)
    throw await transferFailed(place, sftp, path, error as Error, true)
  }
}

function setMode(sftp: Sftp, handle: Buffer, mode: number): Promise<void> {
  return sftp.call<void>((wrapper, done) => wrapper.fchmod(handle, mode, done)).catch((error: Error & { code?: unknown }) => {
    if (error.code !== UNSUPPORTED) throw error
  })
}

/** Several writes are under way; the first that fails ends it. */
async function pour(sftp: Sftp, handle: Buffer, content: Readable): Promise<void> {
  let position = 0
  let failed: Error | undefined
  const running = new Set<Promise<void>>()
  for await (const chunk of content as AsyncIterable<Buffer>) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    for (let at = 0; at < bytes.length; at += PIECE) {
      const length = Math.min(PIECE, bytes.length - at)
      const start = position
      const written: Promise<void> = sftp.call<void>((wrapper, done) => wrapper.write(handle, bytes, at, length, start, done))
        .catch((error: Error) => void (failed ??= error))
        .finally(() => running.delete(written))
      running.add(written)
      position += length
      if (running.size >= AT_ONCE) await Promise.race(running)
      if (failed) throw failed
    }
  }
  await Promise.all(running)
  if (failed) throw failed
}

/** Nobody waits for it, and it may be over. */
export function closeLater(sftp: Sftp, handle: Buffer): void {
  sftp.call<void>((wrapper, done) => wrapper.close(handle, done)).catch(() => {})
}
