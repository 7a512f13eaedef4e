import { isChaosError } from '@chaos/core'
import type { Secret } from '@chaos/core'
import type { Origin } from './chobolo.ts'
import { createEvaluator } from './evaluate/index.ts'
import type { Memory } from './evaluate/index.ts'
import { overlaysOf } from './overlays.ts'
import type { Path } from './path.ts'
import { placeBelow, rootPlace } from './place.ts'
import type { Place } from './place.ts'
import { refuseProblems } from './problem.ts'
import type { Problem } from './problem.ts'
import type { Source } from './source.ts'
import { child, mapNode, overlay } from './tree.ts'
import type { Entry, MapNode, Node } from './tree.ts'

/** The host that values are resolved for; the engine's HostView is one. */
export interface HostScope {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
  readonly groups: readonly string[]
  /** Names it was expanded from (`@terraform/web`); their overlays hold for it too. */
  readonly from?: readonly string[]
}

/** Values of root keys, frozen. The same object means the same values. */
export type Resolved = Readonly<Record<string, unknown>>

export interface Resolver {
  resolve(host: HostScope | undefined, keys: readonly string[]): Promise<Resolved>
  origin(values: Resolved, path: Path): Origin
  /** Values at paths of the Ch-obolo without overlays and host; what fails is told by `problems`. */
  values(paths: readonly Path[]): Promise<{ values: unknown[]; problems: Problem[] }>
}

interface Tree {
  readonly root: Place
  readonly shared: Memory['shared']
  readonly results: Map<string, Resolved>
}

export function createResolver(
  root: MapNode,
  source: Source,
  options: { env: Readonly<Record<string, string | undefined>>; secret?: (name: string, reference: string) => Promise<Secret> },
): Resolver {
  const overlays = overlaysOf(root)
  const trees = new Map<string, Tree>()
  const constant: Memory['constant'] = new WeakMap()
  const origins: Memory['origins'] = new WeakMap()
  const hostMemories = new WeakMap<HostScope, Map<Tree, { memory: Memory['host']; results: Map<string, Resolved> }>>()
  const secrets = new Map<string, Secret | Problem>()
  const reading = new Map<string, Promise<void>>()

  function treeFor(host: HostScope | undefined): Tree {
    const applied = host ? overlays.filter((each) => each.appliesTo(host)) : []
    const id = applied.map((each) => each.id).join(' ')
    const known = trees.get(id)
    if (known) return known
    const node = applied.reduce<Node>((base, { node: over }) => overlay(base, over), root)
    const tree: Tree = { root: rootPlace(node), shared: new WeakMap(), results: new Map() }
    trees.set(id, tree)
    return tree
  }

  function ownOf(host: HostScope, tree: Tree): { memory: Memory['host']; results: Map<string, Resolved> } {
    const ofHost = hostMemories.get(host) ?? new Map<Tree, { memory: Memory['host']; results: Map<string, Resolved> }>()
    hostMemories.set(host, ofHost)
    const own = ofHost.get(tree) ?? { memory: new WeakMap(), results: new Map() }
    ofHost.set(tree, own)
    return own
  }

  /** Works out places again and again until no secret is missing: all that a pass misses are read side by side. */
  async function evaluate(tree: Tree, host: HostScope | undefined, places: readonly Place[]) {
    const memory: Memory = { shared: tree.shared, host: host ? ownOf(host, tree).memory : new WeakMap(), constant, origins }
    for (;;) {
      const needed = new Map<string, { name: string; reference: string }>()
      const evaluator = createEvaluator({
        root: tree.root, source, env: options.env, host, memory,
        secret(name, reference) {
          const id = JSON.stringify([name, reference])
          const found = secrets.get(id)
          if (found === undefined) needed.set(id, { name, reference })
          return found
        },
      })
      const done = places.map((place) => evaluator.value(place))
      if (needed.size === 0) return { done, problems: evaluator.problems }
      await Promise.all(Array.from(needed, ([id, { name, reference }]) => read(id, name, reference)))
    }
  }

  function read(id: string, name: string, reference: string): Promise<void> {
    const known = reading.get(id)
    if (known) return known
    const started = ask(name, reference).then((found) => void secrets.set(id, found))
    reading.set(id, started)
    return started
  }

  async function ask(name: string, reference: string): Promise<Secret | Problem> {
    if (!options.secret) {
      return { code: 'SECRETS_UNAVAILABLE', severity: 'error', message: `The secret ${name}:${reference} is needed, and secrets are not available here.`, hint: 'Use the command with the providers of its config, or give the value in another way.' }
    }
    try {
      return await options.secret(name, reference)
    } catch (error) {
      // Who pressed Ctrl-C has found no mistake in the Ch-obolo.
      if (!isChaosError(error) || error.code === 'INTERRUPTED') throw error
      return { code: error.code, severity: 'error', message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
    }
  }

  return {
    async resolve(host, keys) {
      const tree = treeFor(host)
      const id = JSON.stringify(keys)
      const own = host && ownOf(host, tree)
      const known = tree.results.get(id) ?? own?.results.get(id)
      if (known) return known
      const places = keys.flatMap((key) => placeBelow(tree.root, key) ?? [])
      const { done, problems } = await evaluate(tree, host, places)
      refuseProblems(problems)
      const results = own && done.some((each) => each.usesHost) ? own.results : tree.results
      // Two questions at once: the first answer is the one that all share.
      const raced = results.get(id)
      if (raced) return raced
      const values = Object.freeze(Object.fromEntries(places.map((place, index) => [String(place.key), done[index]?.value])))
      origins.set(values, mapNode((tree.root.node as MapNode).at, new Map(places.map((place) => [String(place.key), child(tree.root.node, place.key) as Entry]))))
      results.set(id, values)
      return values
    },

    origin(values, path) {
      let value: unknown = values
      let entry: Entry = { at: root.at, value: origins.get(values) ?? root }
      for (const key of path) {
        // A list or map knows what it was made of, wherever an overlay or interpolation brought it from.
        const node = (typeof value === 'object' && value !== null ? origins.get(value) : undefined) ?? entry.value
        const below = child(node, key)
        if (!below) return { key: source.position(entry.at), position: source.position(entry.at), source: undefined }
        entry = below
        value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined
      }
      const { value: node, at } = entry
      const written = node.kind === 'scalar' && node.source !== ''
      return { key: source.position(at), position: source.position(written ? node.at : at), source: written ? node.source : undefined }
    },

    async values(paths) {
      const tree = treeFor(undefined)
      const places = paths.map((path) => path.reduce<Place>((at, key) => placeBelow(at, key) as Place, tree.root))
      const { done, problems } = await evaluate(tree, undefined, places)
      return { values: done.map((each) => each.value), problems }
    },
  }
}
