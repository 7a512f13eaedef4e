import { Readable } from 'node:stream'
import type { Stats } from 'ssh2'
import type { Place } from '../errors.ts'
import { transferFailed } from './failure.ts'
import type { Sftp } from './sftp.ts'
import { closeLater } from './write.ts'

const PIECE = 128 * 1024
const AT_ONCE = 16
const END_OF_FILE = 1

/** Reads a file by sftp, as it is asked for. Rejects when it cannot be opened; what fails later fails the stream. */
export async function readBySftp(place: Place, sftp: Sftp, path: string): Promise<Readable> {
  const failed = (error: unknown) => transferFailed(place, sftp, path, error as Error, false)
  try {
    const handle = await sftp.call<Buffer>((wrapper, done) => wrapper.open(path, 'r', {}, done))
    const { size } = await sftp.call<Stats>((wrapper, done) => wrapper.fstat(handle, done))
    // A directory can be opened.
    const first = await readPiece(sftp, handle, 0)
    return Readable.from(pieces(sftp, handle, size, first, failed), { objectMode: false, highWaterMark: PIECE * AT_ONCE })
  } catch (error) {
    throw await failed(error)
  }
}

/** In order, with reads ahead up to the size the file had; then until it really ends, since those of /proc say 0. */
async function* pieces(sftp: Sftp, handle: Buffer, size: number, first: Buffer, failed: (error: unknown) => Promise<Error>): AsyncGenerator<Buffer> {
  try {
    if (first.length === 0) return
    yield first
    let position = first.length
    const ahead: { at: number; length: number; bytes: Promise<Buffer> }[] = []
    let next = position
    for (;;) {
      while (ahead.length < AT_ONCE && next < size) {
        const bytes = readPiece(sftp, handle, next)
        bytes.catch(() => {})
        ahead.push({ at: next, length: PIECE, bytes })
        next += PIECE
      }
      const waiting = ahead.shift()
      const bytes = await (waiting?.at === position ? waiting.bytes : readPiece(sftp, handle, position))
      if (bytes.length === 0) return
      yield bytes
      position += bytes.length
      // Less came than was asked for: what is ahead is of another place.
      if (waiting !== undefined && bytes.length < waiting.length && position < size) {
        ahead.length = 0
        next = position
      }
    }
  } catch (error) {
    throw await failed(error)
  } finally {
    closeLater(sftp, handle)
  }
}

async function readPiece(sftp: Sftp, handle: Buffer, position: number): Promise<Buffer> {
  const into = Buffer.allocUnsafe(PIECE)
  try {
    const read = await sftp.call<number>((wrapper, done) => wrapper.read(handle, into, 0, PIECE, position, (error: (Error & { code?: unknown }) | undefined, bytes: number) => done(error ?? null, bytes)))
    return into.subarray(0, read)
  } catch (error) {
    if ((error as { code?: unknown }).code === END_OF_FILE) return into.subarray(0, 0)
    throw error
  }
}
