import { ChaosError, isChaosError } from '@chaos/core'
import type { Place } from '../errors.ts'
import type { Sftp } from './sftp.ts'

const NO_SUCH_FILE = 2
const PERMISSION_DENIED = 3
const FAILURE = 4

/** Why a file could not be written or read. sftp has four words for everything that goes wrong, so a full disk is looked for. */
export async function transferFailed({ settings, target }: Place, sftp: Sftp, path: string, cause: Error & { code?: unknown }, wrote: boolean): Promise<ChaosError> {
  if (isChaosError(cause)) return cause
  if (wrote && cause.code === FAILURE && (await isFull(sftp, path))) {
    return new ChaosError('DISK_FULL', {
      message: `${path}: No space left on device`,
      hint: `See what fills the disk of ${settings.name}: df ${path.slice(0, path.lastIndexOf('/')) || '/'}`,
      host: target.host,
      details: { path },
      cause,
    })
  }
  const why = cause.code === NO_SUCH_FILE ? 'No such file or directory' : cause.code === PERMISSION_DENIED ? 'Permission denied' : cause.message
  return new ChaosError(wrote ? 'WRITE_FAILED' : 'READ_FAILED', { message: `${path}: ${why}`, host: target.host, details: { path }, cause })
}

/** Blocks or inodes are used up where a file was to be. Only OpenSSH's server tells. */
async function isFull(sftp: Sftp, path: string): Promise<boolean> {
  try {
    const { f_bavail: blocks, f_files: inodes, f_ffree: free } = await sftp.call<Statvfs>((wrapper, done) => wrapper.ext_openssh_statvfs(path, done))
    return blocks === 0 || (inodes > 0 && free === 0)
  } catch {
    return false
  }
}

interface Statvfs {
  readonly f_bavail: number
  readonly f_files: number
  readonly f_ffree: number
}
