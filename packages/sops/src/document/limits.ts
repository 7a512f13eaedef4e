import { failure } from '../failure.ts'

/** Bytes of a sops file. */
export const MAX_BYTES = 8 * 1024 * 1024
/** Maps and lists inside each other. */
export const MAX_DEPTH = 100

/** Throws SOPS_TOO_LARGE. */
export function refuseHuge(text: string, file: string): void {
  if (text.length > MAX_BYTES || Buffer.byteLength(text) > MAX_BYTES) {
    throw failure('SOPS_TOO_LARGE', file, { message: `it has more than ${MAX_BYTES / 1024 / 1024} MB.`, hint: 'Keep large secrets in files of their own.' })
  }
}

export function refuseDepth(file: string): never {
  throw failure('SOPS_UNSUPPORTED', file, { message: `there are more than ${MAX_DEPTH} maps and lists inside each other.`, hint: 'Write it flatter.' })
}

/** The place of an offset, from 1. */
export function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
