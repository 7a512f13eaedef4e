import { ChaosError } from '@chaos/core'
import type { SFTPWrapper } from 'ssh2'
import { ChannelRefused } from '../channel/budget.ts'
import type { Budget, Slot } from '../channel/budget.ts'
import { connectionLost, placeName } from '../errors.ts'
import type { Place } from '../errors.ts'

/** Milliseconds a server may take to say that it speaks sftp: some start a program that does not, and says nothing. */
const PATIENCE = 10_000

/** An sftp channel. */
export interface Sftp {
  readonly wrapper: SFTPWrapper
  /** Asks for something. A channel that is over is never asked: ssh2 would wait for its answer for ever. */
  call<T>(work: (sftp: SFTPWrapper, done: Done<T>) => unknown): Promise<T>
}

export type Done<T> = (error?: Error | null, value?: T) => void

/** The one sftp channel of a host, opened when it is first used, and again when it has ended. */
export function createSftp(place: Place, budget: Budget): () => Promise<Sftp> {
  let opening: Promise<Sftp> | undefined
  let unsupported: ChaosError | undefined

  return () => {
    if (unsupported) return Promise.reject(unsupported)
    const forget = (): void => {
      if (opening === mine) opening = undefined
    }
    const mine: Promise<Sftp> =
      opening ??
      budget.open((slot) => start(place, slot, forget)).catch((error: unknown) => {
        forget()
        if (error instanceof ChaosError && error.code === 'FILE_TRANSFER_UNSUPPORTED') unsupported = error
        throw error
      })
    opening = mine
    return mine
  }
}

function start(place: Place, slot: Slot, ended: () => void): Promise<Sftp> {
  const { link } = slot
  if (link.gone) return Promise.reject(link.gone)
  return new Promise((resolve, reject) => {
    const forget = link.onLost(reject)
    const late = setTimeout(() => failed(new Error('it does not answer')), PATIENCE)
    const failed = (error: Error & { reason?: unknown }): void => {
      forget()
      clearTimeout(late)
      slot.release()
      if (link.gone) reject(link.gone)
      else if ('reason' in error) reject(new ChannelRefused(place, error))
      else reject(unsupported(place, error))
    }
    try {
      link.client.sftp((error, sftp) => {
        if (error) return failed(error)
        forget()
        clearTimeout(late)
        sftp.on('error', () => {})
        let over = false
        sftp.on('close', () => {
          over = true
          slot.release()
          ended()
        })
        resolve({
          wrapper: sftp,
          call: (work) =>
            new Promise((answer, fail) => {
              if (over) throw link.gone ?? connectionLost(place, 'the host ended its sftp')
              work(sftp, (failure, value) => (failure ? fail(failure) : answer(value as never)))
            }),
        })
      })
    } catch (error) {
      failed(error as Error)
    }
  })
}

function unsupported({ settings, target }: Place, cause: Error): ChaosError {
  return new ChaosError('FILE_TRANSFER_UNSUPPORTED', {
    message: `${placeName(settings)} has no sftp: ${cause.message}.`,
    hint: 'Files travel through the shell then. `ssh_file_transfer_protocol: shell` does not try.',
    host: target.host,
    cause,
  })
}
