import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import type { Elevation, FileFetch } from '@chaos/core'
import type { Session } from '../session/contract.ts'

/** Brings a file of the host to the controller: written beside its place, then renamed. The path is the user's, never the host's. */
export async function fetchFile({ from, to }: FileFetch, session: Session, as: Elevation, host: string): Promise<void> {
  const temporary = `${to}.${randomBytes(6).toString('hex')}.part`
  try {
    await mkdir(path.dirname(to), { recursive: true })
    const file = await open(temporary, 'wx', 0o600)
    try {
      for await (const chunk of session.read(from, as)) await file.writeFile(chunk)
      await file.chmod(0o666 & ~process.umask())
    } finally {
      await file.close()
    }
    await rename(temporary, to)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw cause instanceof Error && 'code' in cause && 'syscall' in cause
      ? new ChaosError('LOCAL_FILE', { message: `Cannot write ${to} on this machine: ${String(cause.code)}.`, host, cause })
      : cause
  }
}
