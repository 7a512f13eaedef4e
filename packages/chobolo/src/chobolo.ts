import type { Position, Secret } from '@chaos/core'
import { buildTree } from './build.ts'
import { readFleet } from './fleet.ts'
import type { Fleet } from './fleet.ts'
import { MAX_BYTES } from './limits.ts'
import type { Path } from './path.ts'
import { refuseProblems } from './problem.ts'
import type { Problem } from './problem.ts'
import { createResolver } from './resolve.ts'
import type { HostScope, Resolved } from './resolve.ts'
import { createSource } from './source.ts'
import type { Source } from './source.ts'
import { parseYaml } from './syntax.ts'
import { child, describe, plain } from './tree.ts'
import type { Entry, MapNode } from './tree.ts'
import { unusedKeys } from './unused.ts'
import type { KeyReader } from './unused.ts'

export interface ChoboloOptions {
  /** What `${oc.env:NAME}` reads. Default `process.env`. */
  env?: Readonly<Record<string, string | undefined>>
  /** Reads `${secret:NAME:REFERENCE}`: the provider's name and the reference. Asked once for each. Not given = such a value is an error when used. */
  secret?: (name: string, reference: string) => Promise<Secret>
}

/** A Ch-obolo: what is written, with its places, and what it means for a host. */
export interface Chobolo {
  /** The file's name as it was given; positions carry it. */
  readonly file: string
  /** Root keys in the file's order. */
  readonly keys: readonly string[]
  /** The whole document as written, nothing interpolated. */
  readonly raw: Readonly<Record<string, unknown>>
  has(key: string): boolean
  /** Where something is written: of a map's entry its key. What is not there has the place of what would hold it. */
  position(path: Path): Position
  /** The `fleet` section, validated and interpolated (without `${host.…}`); undefined if there is none. Read once. Throws CHOBOLO_INVALID. */
  fleet(): Promise<Fleet | undefined>
  /**
   * Values of root keys on a host: overlays of its groups in the order they are declared, then its own, then interpolation.
   * Keys that are not there are left out. Equal results are the same frozen objects for all hosts. Throws CHOBOLO_INVALID.
   */
  resolve(host: HostScope | undefined, keys: readonly string[]): Promise<Resolved>
  /** Where a value of {@link Chobolo.resolve} is written, in an overlay or behind an interpolation too, and how. */
  origin(values: Resolved, path: Path): Origin
  /** Problems of root keys that no role reads and no interpolation refers to. */
  unused(readers: readonly KeyReader[]): Problem[]
}

export interface Origin {
  /** Of the key it belongs to. */
  readonly key: Position
  /** Of the value, where it is a scalar that is written; else of the key. */
  readonly position: Position
  /** The text of a scalar as it stands in the file, without quotes; undefined for maps, lists, and what is not written itself. */
  readonly source: string | undefined
}

/** Reads a Ch-obolo from a text. Throws CHOBOLO_INVALID with all problems found, each with its position. */
export async function parseChobolo(text: string, file: string, options: ChoboloOptions = {}): Promise<Chobolo> {
  const source = createSource(text, file)
  const root = await readRoot(source)
  const resolver = createResolver(root, source, { env: options.env ?? process.env, ...(options.secret ? { secret: options.secret } : {}) })
  let fleet: Promise<Fleet | undefined> | undefined
  let raw: Readonly<Record<string, unknown>> | undefined
  return {
    file,
    keys: [...root.entries.keys()],
    get raw() {
      return (raw ??= plain(root) as Record<string, unknown>)
    },
    has: (key) => root.entries.has(key),
    position(path) {
      let found: Entry = { at: root.at, value: root }
      for (const key of path) {
        const next = child(found.value, key)
        if (next === undefined) break
        found = next
      }
      return source.position(found.at)
    },
    fleet: () => (fleet ??= readFleet(root, source, resolver)),
    resolve: resolver.resolve,
    origin: resolver.origin,
    unused: (readers) => unusedKeys(root, source, readers),
  }
}

async function readRoot(source: Source): Promise<MapNode> {
  const start = source.position(0)
  const invalid = (code: string, message: string, hint: string): Problem => ({ code, severity: 'error', message, hint, position: start })
  if (Buffer.byteLength(source.text) > MAX_BYTES) {
    refuseProblems([invalid('YAML_SIZE', `A Ch-obolo has at most ${MAX_BYTES / 1024 / 1024} MB.`, 'Keep large files beside it, and name them with `source:`.')])
  }
  const { document, problems } = await parseYaml(source)
  refuseProblems(problems)
  if (document === undefined) {
    refuseProblems([invalid('CHOBOLO_EMPTY', 'The Ch-obolo is empty.', '`chaos init chobolo --template` prints one to begin with.')])
  }
  const built = await buildTree(document!, source)
  refuseProblems(built.problems)
  if (built.root.kind !== 'map') {
    refuseProblems([invalid('CHOBOLO_ROOT', `A Ch-obolo is a map of keys, and this is ${describe(built.root)}.`, 'Begin with a key: `files:`, and its value below it.')])
  }
  return built.root as MapNode
}
