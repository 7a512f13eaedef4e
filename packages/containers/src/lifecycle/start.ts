import { randomBytes } from 'node:crypto'
import type { ConnectorContext } from '@chaos/core'
import { ChaosError, isChaosError, script } from '@chaos/core'
import type { Engine, ImageState } from '../engine/contract.ts'
import type { ContainerOptions } from './contract.ts'
import type { Used } from './open.ts'

/**
 * Keeps a container alive, whatever its image starts and whatever programs it has; where there is no `sleep`, it reads an input that
 * never comes. `wait` also takes in what others left behind, which as process 1 is its duty.
 */
const KEEP = script("trap 'exit 0' TERM; while sleep 86400 & wait $!; do :; done; read -r _")

export interface StartFrom {
  readonly engine: Engine
  readonly image: ImageState
  readonly reference: string
  readonly options: ContainerOptions
  readonly report: ConnectorContext['report']
}

/** Starts a container from an image. It is gone at the end; if all went well, an image is made of it before. */
export async function startFrom({ engine, image, reference, options, report }: StartFrom): Promise<Used> {
  const { platform, network, volumes, commit } = options
  const name = `chaos-${randomBytes(6).toString('hex')}`
  const id = await engine.run({ name, image: image.id, argv: ['/bin/sh', '-c', KEEP.text], platform, network, volumes }).catch((error: unknown) => {
    throw notStarted(engine, reference, error)
  })
  return {
    id,
    label: `the container ${name} of ${reference}`,
    async finish(reached, { outcome }) {
      try {
        if (outcome === 'done' && commit !== false) {
          const made = await reached.commit(id, { image, name: commit })
          report({ key: 'image', value: made, text: `What was made of ${reference} is the image ${commit === undefined ? shortened(made) : `${commit} (${shortened(made)})`}.` })
        }
      } finally {
        await reached.remove(id).catch((cause: unknown) => {
          throw leftBehind(engine, name, cause)
        })
      }
    },
  }
}

function leftBehind({ program }: Engine, name: string, cause: unknown): ChaosError {
  return new ChaosError('CONTAINER_LEFT', {
    message: `The container ${name} could not be removed: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: `Remove it by hand: ${program} rm --force ${name}`,
    details: { container: name },
    cause,
  })
}

function shortened(id: string): string {
  return id.replace('sha256:', '').slice(0, 12)
}

function notStarted({ program }: Engine, reference: string, cause: unknown): unknown {
  if (!isChaosError(cause) || cause.code !== 'ENGINE_ANSWER') return cause
  const { reason = cause.message } = cause.details as { reason?: string }
  const shell = /\/bin\/sh.*(no such file|not found)/i.test(reason)
  return new ChaosError(shell ? 'CONTAINER_SHELL' : 'CONTAINER_START', {
    message: shell ? `The image ${reference} has no /bin/sh, so nothing can be run in it.` : `No container could be started from ${reference}: ${reason.replace(/\.?$/, '.')}`,
    hint: shell ? 'chaos needs a shell in the container; an image from scratch or without a distribution has none.' : `Look at the options it is started with, and try them: ${program} run.`,
    details: { reason, retry: false },
    cause,
  })
}
