import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'

/** A place in a text file. Line and column count from 1. */
export interface Position {
  file: string
  line: number
  column: number
}

export interface ChaosErrorOptions {
  /** What happened, to what, and why: one sentence a user understands. Never a secret. */
  message: string
  /** What to do about it. */
  hint?: string
  /** The host it happened on. */
  host?: string
  /** Where in a Ch-obolo it comes from. */
  position?: Position
  /** Facts for machines (NDJSON), and lines such as a command's stderr. Never a secret. */
  details?: Record<string, unknown>
  cause?: unknown
}

/**
 * The one error of chaos. `code` is stable: it may be matched by programs and is never renamed.
 * Recognise it with {@link isChaosError}, not with `instanceof`.
 */
export class ChaosError extends Error implements Branded<'error'> {
  declare readonly '~chaos': Branded<'error'>['~chaos']
  readonly code: string
  readonly hint: string | undefined
  readonly host: string | undefined
  readonly position: Position | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(code: string, { message, hint, host, position, details, cause }: ChaosErrorOptions) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'ChaosError'
    this.code = code
    this.hint = hint
    this.host = host
    this.position = position
    this.details = details
    brand('error', this)
  }
}

export function isChaosError(value: unknown): value is ChaosError {
  return isKind(value, 'error')
}
