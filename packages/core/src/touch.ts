/**
 * What a fact reads and an operation touches, so that the engine knows what may travel together
 * and which facts a change has made stale.
 */
export type Touch = PathTouch | NamedTouch

export interface PathTouch {
  readonly kind: 'path'
  readonly path: string
  /** Also everything below the path. A fact about the entry alone (its mode, its type) does not read what is below. */
  readonly below: boolean
  /** The path is a symlink to this one. */
  readonly target?: string
}

export interface NamedTouch {
  readonly kind: 'named'
  /** A space of names, such as `user` or `package`. */
  readonly space: string
  /** One name in it; not given = all of them. */
  readonly name?: string
}

export const touch = {
  /** A path and everything below it. */
  path: (path: string): Touch => ({ kind: 'path', path, below: true }),
  /** The entry itself: not what lies below it. */
  entry: (path: string): Touch => ({ kind: 'path', path, below: false }),
  /** A symlink, so that later paths through it are understood. */
  link: (path: string, target: string): Touch => ({ kind: 'path', path, below: true, target }),
  /** A thing with a name: `touch.named('user', 'ana')`; without a name all of the space. */
  named: (space: string, name?: string): Touch => (name === undefined ? { kind: 'named', space } : { kind: 'named', space, name }),
}
