import type { Connection, Identity, PluginContext, Target } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import { createConnectors } from '../inventory/connectors.ts'
import type { ResolvedHost, ResolvedLayer } from '../inventory/resolved-host.ts'
import type { Load } from '../run/contract.ts'
import { answers } from './answers.ts'
import { connectError, interrupted, LayerFailed } from './connect-error.ts'
import { createDataKeys } from './data-key.ts'
import { createLimiter } from './limiter.ts'
import { createPool } from './pool.ts'
import type { Lease, SharedLease } from './pool.ts'
import { withRetries } from './retry.ts'

export interface ConnectOptions {
  readonly load: Load
  /** What connectors are given; one for all hosts, or one per host, so that reports carry it. */
  readonly context: PluginContext | ((host: string, until?: AbortSignal) => PluginContext)
  /** Ends all connecting. */
  readonly signal: AbortSignal
  /** Layers that are opened at once. Default 50; 0 = no limit. */
  readonly parallelism?: number | undefined
  /** How often a layer that could not be opened is tried again. Default 0. */
  readonly retries?: number | undefined
  /** Milliseconds before the first retry. Default 500. */
  readonly firstPause?: number | undefined
}

/** Which login is asked for, and what ends the asking. */
interface Opening {
  readonly fresh: boolean
  readonly signal: AbortSignal
}

export interface HostConnector {
  /** Opens all layers of a host. Its `close` gives the layers underneath back, and closes those that nobody uses any more. */
  open(host: ResolvedHost): Promise<Connection>
  /**
   * A login of its own, though one is open; layers underneath are shared. `signal` ends it instead of that of all connecting.
   * Undefined where its connector logs nobody in: another shell on what is open tells as much.
   */
  openFresh(host: ResolvedHost, signal: AbortSignal): Promise<Connection | undefined>
  /** Asks a host who it is; `use` is given the answer while what it stands on is open. Undefined where its connector has no such question. */
  identify<T>(host: ResolvedHost, use: (identity: Identity) => Promise<T>): Promise<T | undefined>
}

const LOCAL: ResolvedLayer = { connector: 'local', argument: '', data: {}, reference: '@local' }

/** Opens hosts layer by layer: the first stands on this machine, each further one on the one before; layers underneath are shared. */
export function createConnector({ load, context, signal, parallelism = 50, retries = 0, firstPause }: ConnectOptions): HostConnector {
  const connectors = createConnectors(load)
  const limited = createLimiter(parallelism)
  const pool = createPool()
  const dataKey = createDataKeys()
  const contextOf = typeof context === 'function' ? context : () => context
  const usual: Opening = { fresh: false, signal }

  /** A layer that others stand on. Its key holds the data of all layers below: the same name with another user is another connection. */
  function shared(layers: readonly ResolvedLayer[]): Promise<SharedLease> {
    const key = dataKey(layers.map(({ reference, data }) => [reference, data]))
    return pool(key, () => openLayer((layers.at(-1) as ResolvedLayer).reference, layers, usual))
  }

  async function openLayer(host: string, layers: readonly ResolvedLayer[], opening: Opening): Promise<Lease> {
    const layer = layers.at(-1) as ResolvedLayer
    const below = layers.length > 1 ? await shared(layers.slice(0, -1)) : undefined
    try {
      const connection = await withRetries(() => limited(() => open(host, layers, below?.connection ?? nothingBelow, opening)), { retries, signal: opening.signal, firstPause })
      return {
        connection,
        async release(outcome, leave = false) {
          try {
            await (leave && connection.leave ? connection.leave({ outcome }) : connection.close({ outcome }))
          } finally {
            await below?.release(outcome)
          }
        },
      }
    } catch (error) {
      // What it stands on may have been lost while others had it; then it is worth another one.
      const lost = below?.joined === true && !opening.signal.aborted && !(await answers(below.connection))
      if (lost) below.forget()
      await below?.release('failed')
      if (lost) return openLayer(host, layers, opening)
      throw new LayerFailed(layer.reference, error)
    }
  }

  async function open(host: string, layers: readonly ResolvedLayer[], base: Connection, { fresh, signal: until }: Opening): Promise<Connection> {
    const { connector, reference } = layers.at(-1) as ResolvedLayer
    if (until.aborted) throw interrupted(host)
    const { open: openIt } = await connectors.get(connector)
    if (openIt === undefined) {
      throw new ChaosError('CONNECTOR_NOT_OPENING', {
        message: `@${connector} only names hosts, it opens no connection: ${reference}.`,
        hint: 'Use the hosts it names.',
        details: { retry: false },
      })
    }
    const target = fresh ? { ...targetOf(host, layers), fresh } : targetOf(host, layers)
    return untilAborted(host, until, Promise.resolve(openIt(target, { ...contextOf(host, until), base })))
  }

  async function identify<T>(host: string, layers: readonly ResolvedLayer[], use: (identity: Identity) => Promise<T>): Promise<T | undefined> {
    const { connector, reference } = layers.at(-1) as ResolvedLayer
    const { identify: ask } = await connectors.get(connector)
    if (ask === undefined) return undefined
    const refuse = (error: unknown): never => {
      throw signal.aborted ? interrupted(host) : connectError(host, error)
    }
    const below = layers.length > 1 ? await shared(layers.slice(0, -1)).catch(refuse) : undefined
    try {
      const identity = await ask(targetOf(host, layers), { ...contextOf(host), base: below?.connection ?? nothingBelow }).catch((error: unknown) => refuse(new LayerFailed(reference, error)))
      return await use(identity)
    } finally {
      await below?.release('done')
    }
  }

  async function openHost({ name, layers }: ResolvedHost, opening: Opening): Promise<Connection> {
    const { connection, release } = await openLayer(name, stackOf(layers), opening).catch((error: unknown) => {
      throw opening.signal.aborted ? interrupted(name) : connectError(name, error)
    })
    let closed: Promise<void> | undefined
    return bound(connection, (outcome, leave) => (closed ??= release(outcome, leave)))
  }

  return {
    identify: ({ name, layers }, use) => identify(name, stackOf(layers), use),
    open: (host) => openHost(host, usual),
    async openFresh(host, until) {
      const { login = false } = await connectors.get((stackOf(host.layers).at(-1) as ResolvedLayer).connector)
      return login ? openHost(host, { fresh: true, signal: until }) : undefined
    },
  }
}

function stackOf(layers: readonly ResolvedLayer[]): readonly ResolvedLayer[] {
  return layers[0]?.connector === 'local' ? layers : [LOCAL, ...layers]
}

function targetOf(host: string, layers: readonly ResolvedLayer[]): Target {
  const { argument, data } = layers.at(-1) as ResolvedLayer
  return { host, argument, data, below: layers.slice(0, -1).map(({ reference }) => reference).filter((each) => each !== LOCAL.reference) }
}

/** A connector that ignores the signal must not hold the run; what it opens too late is closed. */
async function untilAborted(host: string, signal: AbortSignal, opening: Promise<Connection>): Promise<Connection> {
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(interrupted(host))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([opening, aborted])
  } catch (error) {
    opening.then((connection) => connection.close({ outcome: 'aborted' })).catch(() => {})
    throw error
  } finally {
    if (stop) signal.removeEventListener('abort', stop)
  }
}

/** The same connection with another close. Bound, because a connection may be an object with methods that use `this`. */
function bound(connection: Connection, release: Lease['release']): Connection {
  return {
    spawn: connection.spawn.bind(connection),
    ...(connection.dial && { dial: connection.dial.bind(connection) }),
    ...(connection.writeFile && { writeFile: connection.writeFile.bind(connection) }),
    ...(connection.readFile && { readFile: connection.readFile.bind(connection) }),
    ...(connection.endsUnseen === undefined ? {} : { endsUnseen: connection.endsUnseen }),
    ...(connection.leave && { leave: ({ outcome }) => release(outcome, true) }),
    close: ({ outcome }) => release(outcome),
  }
}

/** What `@local` stands on. */
const nothingBelow: Connection = {
  spawn: async () => {
    throw new ChaosError('CONNECT_NO_BASE', { message: 'The connector local stands on nothing; it must open shells itself.' })
  },
  close: async () => {},
}
