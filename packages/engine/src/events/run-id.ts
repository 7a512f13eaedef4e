import { randomBytes } from 'node:crypto'

/** A new run's id, `20261121-041936-123-9f2c01ab`: sorts by time (UTC, to the millisecond), and is unique by 32 random bits. */
export function newRunId(now: Date = new Date()): string {
  const time = now.toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-')
  return `${time}-${randomBytes(4).toString('hex')}`
}
