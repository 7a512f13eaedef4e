import { ChaosError } from '@chaos/core'

/** An engine did not do what it was asked; `place` says which: `the Docker engine at /var/run/docker.sock`. */
export function engineRefused(place: string, reason: string, details: Readonly<Record<string, unknown>> = {}): ChaosError {
  return new ChaosError('ENGINE_ANSWER', { message: `${capital(place)} refused: ${reason.replace(/\.?$/, '.')}`, details: { ...details, reason } })
}

/** An engine could not fetch an image. */
export function imageNotPulled(program: string, image: string, reason: string): ChaosError {
  return new ChaosError('IMAGE_PULL', {
    message: `The image ${image} could not be fetched: ${reason.replace(/\.?$/, '.')}`,
    hint: `Check its name, and that the engine may fetch it: ${program} pull.`,
    details: { reason },
  })
}

/** The beginning of a sentence. */
export function capital(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase())
}
