import { ChaosError, isChaosError } from '@chaos/core'

/** A layer that could not be opened; several hosts may stand on it, so the host comes later. */
export class LayerFailed extends Error {
  readonly reference: string

  constructor(reference: string, cause: unknown) {
    super(`cannot open ${reference}`, { cause })
    this.reference = reference
  }
}

/** What a failed connect is told as: with the host that was asked for, and the layer that failed. */
export function connectError(host: string, error: unknown): ChaosError {
  const { reference, cause } = error instanceof LayerFailed ? error : { reference: host, cause: error }
  if (isChaosError(cause)) {
    const { code, message, hint, position, details } = cause
    return new ChaosError(code, { message, host, cause, details: { ...details, layer: reference }, ...(hint === undefined ? {} : { hint }), ...(position === undefined ? {} : { position }) })
  }
  return new ChaosError('CONNECT_FAILED', {
    message: `Cannot connect to ${host}: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: `Check that ${reference} can be reached from here.`,
    host,
    details: { layer: reference },
    cause,
  })
}

export function interrupted(host: string): ChaosError {
  return new ChaosError('INTERRUPTED', { message: `Connecting to ${host} was interrupted.`, host, details: { retry: false } })
}
