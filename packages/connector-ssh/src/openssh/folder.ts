import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChaosError } from '@chaos/core'

/** A unix socket's path may have 104 bytes on some systems, and ssh makes it under a name that is 17 longer first. */
const ROOM = 104 - 17 - '/chaos-123456/m99'.length

/** A folder that only we may enter, and in which programs may be run; it is named short, because sockets lie in it. */
export async function privateFolder(): Promise<string> {
  const candidates = [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp'].filter((each) => each !== undefined && each.startsWith('/') && Buffer.byteLength(each) <= ROOM)
  let failed: unknown
  for (const parent of candidates as string[]) {
    try {
      const folder = await mkdtemp(join(parent, 'chaos-'))
      if (await runsPrograms(folder)) return folder
      await rm(folder, { recursive: true })
    } catch (error) {
      failed = error
    }
  }
  throw new ChaosError('SSH_FOLDER', {
    message: `No folder could be made for the sockets of ssh (tried ${candidates.join(', ')}).`,
    hint: 'Set TMPDIR to a folder with a short path, in which programs may be run.',
    details: { retry: false },
    cause: failed,
  })
}

/** Whether it lies on a noexec mount: `access` says so, for a file with the bit. */
async function runsPrograms(folder: string): Promise<boolean> {
  const file = join(folder, 'x')
  await writeFile(file, '', { mode: 0o700 })
  const runs = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
  await rm(file)
  return runs
}
