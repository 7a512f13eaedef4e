import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { ChaosError, defineConnector, secret, sh } from '@chaos/core'
import type { Connection, Connector, PluginContext, Target } from '@chaos/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createConnector } from '../../src/connect/index.ts'
import type { ConnectOptions } from '../../src/connect/index.ts'
import { expandFleet } from '../../src/inventory/index.ts'
import { localConnector } from './local-connector.ts'

let log: string[]
let plugins: Record<string, Connector>
let abort: AbortController

const context = (): PluginContext => ({
  run: async () => ({ code: 0, stdout: '', stderr: '' }),
  signal: abort.signal,
  cache: (_, make) => make(),
  report: () => {},
  prompt: async () => '',
})

/** A connector that stands on what is underneath, and writes down what happens. */
function layered(name: string, before: (target: Target) => Promise<void> | void = () => {}): Connector {
  return defineConnector({
    async open(target, { base }) {
      log.push(`open ${name}/${target.argument}`)
      await before(target)
      return {
        spawn: (command, options) => base.spawn(sh`${name}=${target.argument} sh -c ${command.text}`, options),
        async close({ outcome }) {
          log.push(`close ${name}/${target.argument} ${outcome}`)
        },
      }
    },
  })
}

beforeEach(() => {
  log = []
  abort = new AbortController()
  plugins = { local: localConnector(log), ssh: layered('ssh'), docker: layered('docker') }
})

async function load(_: string, name: string): Promise<unknown> {
  const found = plugins[name]
  if (!found) throw new ChaosError('PLUGIN_NOT_FOUND', { message: `no ${name}` })
  return found
}

function connector(options: Partial<ConnectOptions> = {}) {
  const { open } = createConnector({ load, context: context(), signal: abort.signal, firstPause: 1, ...options })
  return async (name: string, data: Record<string, unknown> = {}): Promise<Connection> => {
    const [host] = await expandFleet({ load, hosts: [{ name, data }] }, context())
    return open(host!)
  }
}

async function output(connection: Connection): Promise<string> {
  const running = await connection.spawn(sh`echo "$ssh $docker"`)
  return text(running.stdout)
}

describe('connecting', () => {
  it('opens @local on nothing', async () => {
    const connection = await connector()('@local')
    expect(await output(connection)).toBe(' \n')
    await connection.close({ outcome: 'done' })
    expect(log).toEqual(['open local', 'close local done'])
  })

  it('opens a stack from this machine upwards, and closes it downwards', async () => {
    const connection = await connector()('@ssh/a/@docker/b')
    expect(await output(connection)).toBe('a b\n')
    await connection.close({ outcome: 'done' })
    await connection.close({ outcome: 'done' })
    expect(log).toEqual(['open local', 'open ssh/a', 'open docker/b', 'close docker/b done', 'close ssh/a done', 'close local done'])
  })

  it('opens another login on top of what is shared, where the connector logs in, also when the run has been interrupted', async () => {
    const fresh: string[] = []
    const logins = layered('ssh', ({ argument, fresh: isFresh }) => void fresh.push(`${argument} ${isFresh}`))
    plugins['ssh'] = defineConnector({ ...logins, login: true })
    const { open, openFresh } = createConnector({ load, context: context(), signal: abort.signal })
    const [stacked, contained] = await expandFleet({ load, hosts: [{ name: '@ssh/a/@ssh/b' }, { name: '@ssh/a/@docker/c' }] }, context())
    const connection = await open(stacked!)
    abort.abort()
    const again = await openFresh(stacked!, new AbortController().signal)
    expect(fresh).toEqual(['a undefined', 'b undefined', 'b true'])
    await again?.close({ outcome: 'done' })
    await connection.close({ outcome: 'done' })
    expect(log.slice(4)).toEqual(['close ssh/b done', 'close ssh/b done', 'close ssh/a done', 'close local done'])
    expect(await openFresh(contained!, new AbortController().signal)).toBeUndefined()
  })

  it('shares what is underneath, and closes it with the last one and the worst outcome', async () => {
    const open = connector()
    const [one, two] = await Promise.all([open('@ssh/a/@docker/b'), open('@ssh/a/@docker/c')])
    expect(log).toEqual(['open local', 'open ssh/a', 'open docker/b', 'open docker/c'])
    await one.close({ outcome: 'failed' })
    expect(log.at(-1)).toBe('close docker/b failed')
    await two.close({ outcome: 'done' })
    expect(log.slice(5)).toEqual(['close docker/c done', 'close ssh/a failed', 'close local failed'])
    await (await open('@ssh/a/@docker/b')).close({ outcome: 'dry' })
    expect(log.filter((line) => line === 'open ssh/a')).toHaveLength(2)
  })

  it('does not share what is underneath with other data', async () => {
    const { open } = createConnector({ load, context: context(), signal: abort.signal })
    const hosts = [secret('one'), secret('two')].map((password, index) => ({
      name: `@ssh/a/@docker/${index}`, canonical: `@ssh/a/@docker/${index}`, from: [], groups: [], data: {},
      layers: [
        { connector: 'ssh', argument: 'a', reference: '@ssh/a', data: { ssh_password: password } },
        { connector: 'docker', argument: String(index), reference: `@ssh/a/@docker/${index}`, data: {} },
      ],
    }))
    const connections = await Promise.all(hosts.map(open))
    expect(log.filter((line) => line === 'open ssh/a')).toHaveLength(2)
    expect(log.filter((line) => line === 'open local')).toHaveLength(1)
    await Promise.all(connections.map((each) => each.close({ outcome: 'done' })))
  })

  it('tells each host that stands on a broken layer so, and leaves nothing open', async () => {
    plugins['ssh'] = layered('ssh', () => {
      throw new Error('no route to host')
    })
    const open = connector()
    const [one, two] = await Promise.allSettled([open('@ssh/a/@docker/b'), open('@ssh/a/@docker/c')])
    expect(one).toMatchObject({ reason: { code: 'CONNECT_FAILED', host: '@ssh/a/@docker/b', message: 'Cannot connect to @ssh/a/@docker/b: no route to host', details: { layer: '@ssh/a' } } })
    expect(two).toMatchObject({ reason: { host: '@ssh/a/@docker/c' } })
    expect(log).toEqual(['open local', 'open ssh/a', 'close local failed'])
  })

  it('opens what is underneath anew when it was lost, though others still hold it', async () => {
    let alive = true
    plugins['ssh'] = defineConnector({
      async open({ argument }, { base }) {
        log.push(`open ssh/${argument}`)
        const mine = alive
        const spawn: Connection['spawn'] = (command, options) => (mine === alive ? base.spawn(command, options) : Promise.reject(new Error('connection lost')))
        return { spawn, close: async () => void log.push(`close ssh/${argument}`) }
      },
    })
    plugins['docker'] = defineConnector({
      async open(_, { base }) {
        await (await base.spawn(sh`:`)).exit
        return { ...base, close: async () => {} }
      },
    })
    const open = connector()
    const before = await open('@ssh/a/@docker/b')
    alive = false
    const after = await open('@ssh/a/@docker/c')
    expect(log).toEqual(['open local', 'open ssh/a', 'open ssh/a'])
    await before.close({ outcome: 'failed' })
    await after.close({ outcome: 'done' })
    expect(log.slice(3)).toEqual(['close ssh/a', 'close ssh/a', 'close local failed'])
  })

  it('keeps code and hint of what a connector says', async () => {
    plugins['ssh'] = layered('ssh', () => {
      throw new ChaosError('HOST_KEY_CHANGED', { message: 'The key changed.', hint: 'chaos trust a', details: { retry: false } })
    })
    await expect(connector()('a')).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED', hint: 'chaos trust a', host: 'a', details: { layer: '@ssh/a' } })
  })

  it('tries again as often as it may', async () => {
    let left = 2
    plugins['ssh'] = layered('ssh', () => {
      if (left-- > 0) throw new Error('busy')
    })
    await (await connector({ retries: 2 })('a')).close({ outcome: 'done' })
    expect(log.filter((line) => line === 'open ssh/a')).toHaveLength(3)
  })

  it('never tries again what says so', async () => {
    plugins['ssh'] = layered('ssh', () => {
      throw new ChaosError('AUTH_FAILED', { message: 'Wrong password.', details: { retry: false } })
    })
    await expect(connector({ retries: 5 })('a')).rejects.toMatchObject({ code: 'AUTH_FAILED' })
    expect(log.filter((line) => line === 'open ssh/a')).toHaveLength(1)
  })

  it('opens no more at once than it may, also in stacks', async () => {
    let now = 0
    let most = 0
    const count = async (): Promise<void> => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
    }
    plugins['ssh'] = layered('ssh', count)
    plugins['docker'] = layered('docker', count)
    const open = connector({ parallelism: 2 })
    const connections = await Promise.all(Array.from({ length: 10 }, (_, index) => open(`@ssh/h${index}/@docker/x`)))
    expect(most).toBe(2)
    await Promise.all(connections.map((each) => each.close({ outcome: 'done' })))
  })

  it('stops when it is interrupted, and closes what comes too late', async () => {
    let goOn = (): void => {}
    plugins['ssh'] = layered('ssh', () => new Promise<void>((resolve) => (goOn = resolve)))
    const opening = connector()('a')
    while (!log.includes('open ssh/a')) await new Promise((resolve) => setImmediate(resolve))
    abort.abort()
    await expect(opening).rejects.toMatchObject({ code: 'INTERRUPTED', host: 'a' })
    goOn()
    while (!log.includes('close ssh/a aborted')) await new Promise((resolve) => setImmediate(resolve))
    expect(log).toContain('close local failed')
  })

  it('refuses a connector that opens nothing', async () => {
    plugins['names'] = defineConnector({ hosts: () => [] })
    const { open } = createConnector({ load, context: context(), signal: abort.signal })
    const host = { name: '@names', canonical: '@names', from: [], groups: [], data: {}, layers: [{ connector: 'names', argument: '', data: {}, reference: '@names' }] }
    await expect(open(host)).rejects.toMatchObject({ code: 'CONNECTOR_NOT_OPENING', host: '@names' })
  })
})

describe('a connector of another copy of core', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(import.meta.dirname, 'core-'))
    cpSync(join(import.meta.dirname, '../../../core/src'), folder, { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is one, and its errors are errors', async () => {
    const other = (await import(pathToFileURL(join(folder, 'index.ts')).href)) as typeof import('@chaos/core')
    expect(other.defineConnector).not.toBe(defineConnector)
    plugins['docker'] = other.defineConnector({
      async open() {
        throw new other.ChaosError('DOCKER_DOWN', { message: 'The engine does not answer.' })
      },
    })
    await expect(connector()('@docker/x')).rejects.toMatchObject({ code: 'DOCKER_DOWN', host: '@docker/x' })
  })

  it('is none with a tampered brand', async () => {
    plugins['docker'] = { ...defineConnector({ open: async () => Promise.reject(new Error('x')) }), '~chaos': { kind: 'boat', api: 1 } } as unknown as Connector
    await expect(connector()('@docker/x')).rejects.toMatchObject({ code: 'PLUGIN_KIND' })
  })
})
