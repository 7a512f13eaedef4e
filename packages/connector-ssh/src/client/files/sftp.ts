import { ChaosError } from '@chaos/core'
import type { SFTPWrapper } from 'ssh2'
import { ChannelRefused } from '../channel/budget.ts'
import type { Budget, Slot } from '../channel/budget.ts'
import { placeName } from '../errors.ts'
import type { Place } from '../errors.ts'

/** Milliseconds a server may take to say that it speaks sftp: some start a program that does not, and says nothing. */
const PATIENCE = 10_000

/** The one sftp channel of a host, opened when it is first used, and again when it has ended. */
export function createSftp(place: Place, budget: Budget): () => Promise<SFTPWrapper> {
  let opening: Promise<SFTPWrapper> | undefined
  let unsupported: ChaosError | undefined

  return () => {
    if (unsupported) return Promise.reject(unsupported)
    const forget = (): void => {
      if (opening === mine) opening = undefined
    }
    const mine: Promise<SFTPWrapper> =
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

function start(place: Place, slot: Slot, ended: () => void): Promise<SFTPWrapper> {
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
        sftp.on('close', () => {
          slot.release()
          ended()
        })
        resolve(sftp)
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
