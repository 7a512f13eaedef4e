import { readFileSync } from 'node:fs'
import { chmod, chown, cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { output } from './layer.ts'
import { find } from './missing.ts'

export interface BusyboxImage {
  /** Lines of a Dockerfile: `USER ana`. */
  readonly changes?: readonly string[]
  /** Programs it does not have. */
  readonly without?: readonly string[]
}

/** Why busybox cannot stand alone in an image; undefined if it can. */
export function noStaticBusybox(): string | undefined {
  // The headers of a dynamic one name the loader.
  return readFileSync(find('busybox') as string).subarray(0, 4096).includes('/ld-') ? 'needs a static busybox' : undefined
}

/** A folder with busybox alone, and the users root and ana. */
export async function makeBusyboxRoot(root: string, without: readonly string[]): Promise<void> {
  const busybox = find('busybox') as string
  for (const name of ['bin', 'etc', 'home/ana', 'root', 'run', 'srv', 'tmp', 'var']) await mkdir(path.join(root, name), { recursive: true })
  await chmod(path.join(root, 'tmp'), 0o1777)
  await chown(path.join(root, 'home/ana'), 1000, 1000)
  await cp(busybox, path.join(root, 'bin/busybox'))
  const applets = (await output([busybox, '--list'])).split('\n').filter((name) => name !== '' && name !== 'busybox' && !without.includes(name))
  for (const name of applets) await symlink('busybox', path.join(root, 'bin', name))
  await writeFile(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nana:x:1000:1000::/home/ana:/bin/sh\n')
  await writeFile(path.join(root, 'etc/group'), 'root:x:0:\nana:x:1000:\n')
}
