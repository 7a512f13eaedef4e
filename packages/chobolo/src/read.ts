import { readFile, stat } from 'node:fs/promises'
import { ChaosError } from '@chaos/core'
import { parseChobolo } from './chobolo.ts'
import type { Chobolo, ChoboloOptions } from './chobolo.ts'
import { MAX_BYTES } from './limits.ts'

/** Why a file cannot be read, by the code of Node. */
const REASONS: Record<string, { code: string; why: string; hint: string }> = {
  ENOENT: { code: 'CHOBOLO_MISSING', why: 'there is no such file', hint: 'Name it with -c, or write one with `chaos init chobolo`.' },
  ENOTDIR: { code: 'CHOBOLO_MISSING', why: 'there is no such folder', hint: 'Name it with -c, or write one with `chaos init chobolo`.' },
  EISDIR: { code: 'CHOBOLO_UNREADABLE', why: 'it is a folder', hint: 'Name the file in it: -c FOLDER/ch-obolo.yml' },
  EACCES: { code: 'CHOBOLO_UNREADABLE', why: 'you may not read it', hint: 'Ask its owner for the right to read it.' },
}

/** Reads a Ch-obolo from a file. Throws CHOBOLO_MISSING, CHOBOLO_UNREADABLE, or what {@link parseChobolo} throws. */
export async function readChobolo(file: string, options: ChoboloOptions = {}): Promise<Chobolo> {
  return parseChobolo(decode(await bytes(file), file), file, options)
}

async function bytes(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file)
    if (size > MAX_BYTES) {
      throw new ChaosError('CHOBOLO_INVALID', {
        message: `${file} has ${Math.ceil(size / 1024 / 1024)} MB; a Ch-obolo has at most ${MAX_BYTES / 1024 / 1024}.`,
        hint: 'Keep large files beside it, and name them with `source:`.',
        position: { file, line: 1, column: 1 },
      })
    }
    return await readFile(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const reason = code === undefined ? undefined : REASONS[code]
    if (reason) throw new ChaosError(reason.code, { message: `Cannot read ${file}: ${reason.why}.`, hint: reason.hint, cause })
    if (!(cause instanceof Error) || !('errno' in cause)) throw cause
    throw new ChaosError('CHOBOLO_UNREADABLE', { message: `Cannot read ${file}: ${cause.message}.`, cause })
  }
}

function decode(content: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch (cause) {
    throw new ChaosError('CHOBOLO_UNREADABLE', { message: `Cannot read ${file}: it is not UTF-8 text.`, hint: 'Save it as UTF-8.', position: { file, line: 1, column: 1 }, cause })
  }
}
