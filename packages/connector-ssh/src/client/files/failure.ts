import { ChaosError } from '@chaos/core'
import type { SFTPWrapper } from 'ssh2'
import type { Place } from '../errors.ts'

const NO_SUCH_FILE = 2
const PERMISSION_DENIED = 3
const FAILURE = 4

/** Why a file could not be written or read. sftp has four words for everything that goes wrong, so a full disk is looked for. */
export async function transferFailed({ settings, target }: Place, sftp: SFTPWrapper, path: string, cause: Error & { code?: unknown }, wrote: boolean): Promise<ChaosError> {
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
function isFull(sftp: SFTPWrapper, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      sftp.ext_openssh_statvfs(path, (error: Error | undefined, { f_bavail, f_ffree, f_files }: { f_bavail: number; f_ffree: number; f_files: number } = { f_bavail: 1, f_ffree: 1, f_files: 0 }) => {
        resolve(!error && (f_bavail === 0 || (f_files > 0 && f_ffree === 0)))
      })
    } catch {
      resolve(false)
    }
  })
}
