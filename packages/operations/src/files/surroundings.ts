import { ChaosError, sh, touch } from '@chaos/core'
import type { Change, Host, Step } from '@chaos/core'
import { ancestorsOf, parentOf } from '../facts/path.ts'
import { stat } from '../facts/stat.ts'
import type { FileType, Stat } from '../facts/stat.ts'

/** What stands at a path and above it, asked for at once. */
export interface Surroundings {
  readonly have: Stat | null
  /** The parent folder, when it has to be made. */
  readonly missingParent: string | undefined
  /** All folders above that have to be made. */
  readonly missing: readonly string[]
}

export async function look(path: string, host: Host): Promise<Surroundings> {
  const above = ancestorsOf(path)
  const [have = null, ...folders] = await Promise.all([path, ...above].map((each) => host.fact(stat(each))))
  folders.forEach((folder, index) => {
    if (folder && folder.type !== 'directory' && folder.type !== 'link') throw wrongType(above[index] ?? '', folder.type, 'directory', { force: false })
  })
  return { have, missingParent: folders.at(-1) === null ? parentOf(path) : undefined, missing: above.filter((_, index) => folders[index] === null) }
}

/** `create file`, and the folder that is made for it. */
export function createPhrase(what: string, { missingParent }: Surroundings): string {
  return missingParent === undefined ? `create ${what}` : `create ${what} and parent directory ${missingParent}`
}

/** Making what is missing above touches it too: whoever looked there must look again. */
export function touchingParents({ missing }: Surroundings): Pick<Change, 'touches'> {
  return missing.length === 0 ? {} : { touches: missing.map(touch.entry) }
}

/** Folders that nobody declared get the usual mode, whatever the umask is. */
export function makeParent({ missingParent }: Surroundings): Step[] {
  return missingParent === undefined ? [] : [{ run: sh`umask 022; mkdir -p -- ${missingParent}` }]
}

const NAMES: Readonly<Record<FileType, string>> = {
  file: 'file', directory: 'directory', link: 'symlink', fifo: 'named pipe', socket: 'socket', block: 'block device', character: 'character device', other: 'special file',
}

export function typeName(type: FileType): string {
  return NAMES[type]
}

export function removal(path: string, have: Stat): Change {
  const command = have.type === 'directory' ? sh`rm -rf -- ${path}` : sh`rm -f -- ${path}`
  return { summary: `remove ${typeName(have.type)}`, removes: true, do: [{ run: command }] }
}

/** Makes room where something else stands: with \`force\` it is removed, otherwise that is an error. */
export function makeRoom(path: string, { have }: Surroundings, wanted: FileType, force: boolean): Change[] {
  if (!have || have.type === wanted) return []
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
