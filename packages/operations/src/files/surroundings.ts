import { ChaosError, sh } from '@chaos/core'
import type { Change, Host } from '@chaos/core'
import { ancestorsOf } from '../facts/path.ts'
import { stat } from '../facts/stat.ts'
import type { FileType, Stat } from '../facts/stat.ts'

/** What stands at a path and above it, asked for at once. */
export interface Surroundings {
  readonly have: Stat | null
  /** Folders above that have to be made, the parent last. */
  readonly missing: readonly string[]
}

export async function look(path: string, host: Host): Promise<Surroundings> {
  const above = ancestorsOf(path)
  const [have = null, ...folders] = await Promise.all([path, ...above].map((each) => host.fact(stat(each))))
  folders.forEach((folder, index) => {
    if (folder && folder.type !== 'directory' && folder.type !== 'link') throw wrongType(above[index] ?? '', folder.type, 'directory', { force: false })
  })
  return { have, missing: above.filter((_, index) => folders[index] === null) }
}

/** Makes the folders that are missing above. They were declared by nobody, so they get the usual mode, whatever the umask is. */
function makeParents({ missing }: Surroundings): Change[] {
  const parent = missing.at(-1)
  if (parent === undefined) return []
  return [{ summary: `create parent directory ${parent}`, before: null, parents: missing, do: [{ run: sh`umask 022; mkdir -p -- ${parent}` }] }]
}

const NAMES: Readonly<Record<FileType, string>> = {
  file: 'file', directory: 'directory', link: 'symlink', fifo: 'named pipe', socket: 'socket', block: 'block device', character: 'character device', other: 'special file',
}

export function typeName(type: FileType): string {
  return NAMES[type]
}

export function removal(path: string, have: Stat): Change {
  const command = have.type === 'directory' ? sh`rm -rf -- ${path}` : sh`rm -f -- ${path}`
  return { summary: `remove ${typeName(have.type)}`, removes: [{ kind: 'path', name: path }], do: [{ run: command }] }
}

/** Makes room: the folders that are missing above; and where something else stands, with `force` it is removed, otherwise that is an error. */
export function makeRoom(path: string, around: Surroundings, wanted: FileType, force: boolean): Change[] {
  const { have } = around
  if (!have) return makeParents(around)
  if (have.type === wanted) return []
  if (!force) throw wrongType(path, have.type, wanted, have.target === undefined ? {} : { target: have.target })
  return [removal(path, have)]
}

export function wrongType(path: string, found: FileType, wanted: FileType, { target, force = true }: { target?: string; force?: boolean } = {}): ChaosError {
  return new ChaosError('FILE_WRONG_TYPE', {
    message: `${path} is a ${typeName(found)}${target === undefined ? '' : ` to ${target}`}, where a ${typeName(wanted)} should be.`,
    hint: force ? `Give force: true to replace it${target === undefined ? '' : ', or name what it leads to'}; or give another path.` : 'Remove it, or give another path.',
    details: { path, found, wanted },
  })
}
