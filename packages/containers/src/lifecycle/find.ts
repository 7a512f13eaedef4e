import { ChaosError } from '@chaos/core'
import type { ContainerState, Engine, ImageState } from '../engine/contract.ts'
import type { ContainerOptions } from './contract.ts'

/** An id is taken at this length; what is shorter may as well be a name of an image. */
const SHORT_ID = /^[0-9a-f]{12,64}$/

export type Found = { readonly container: ContainerState } | { readonly image: ImageState }

/** What a reference names: a container if there is one, else an image, which is fetched as the options say. */
export async function find(engine: Engine, reference: string, { pull = 'missing', platform }: ContainerOptions, signal: AbortSignal): Promise<Found> {
  const container = await engine.container(reference)
  // An engine also takes the first letters of an id for it: `cafe` may be an image, and some container's id begin so.
  if (container && (container.name === reference || (SHORT_ID.test(reference) && container.id.startsWith(reference)))) return { container }
  if (pull !== 'always') {
    const image = await engine.image(reference)
    if (image) return { image }
    if (pull === 'never') throw missing(engine, reference, 'and none is fetched.', 'never')
  }
  await engine.pull(reference, { platform, signal }).catch((cause: unknown) => {
    signal.throwIfAborted()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw pull === 'always' ? cause : missing(engine, reference, `and none could be fetched. ${reason}`, pull, cause)
  })
  const image = await engine.image(reference)
  if (!image) throw missing(engine, reference, 'although it was fetched just now.', pull)
  return { image }
}

function missing({ program }: Engine, reference: string, why: string, pull: string, cause?: unknown): ChaosError {
  return new ChaosError('CONTAINER_MISSING', {
    message: `There is neither a container nor an image called ${reference} here, ${why}`,
    hint: `Check the name (${program} ps --all, ${program} images), or give an image that can be fetched${pull === 'never' ? ` and say ${program}_pull: missing` : ''}.`,
    details: { reference, pull, retry: false },
    cause,
  })
}
