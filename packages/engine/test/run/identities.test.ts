import { ChaosError, defineConnector } from '@chaos/core'
import type { Connector, HostReference, Identity, Target } from '@chaos/core'
import { beforeEach, expect, it } from 'vitest'
import { openIdentities } from '../../src/index.ts'
import type { Identities } from '../../src/index.ts'
import { localConnector } from '../connect/local-connector.ts'

let log: string[]
let plugins: Record<string, Connector>
let failure: unknown

const data = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const

beforeEach(() => {
  log = []
  failure = undefined
  plugins = {
    local: localConnector([]),
    ssh: defineConnector({
      data,
      async open({ argument, data: given }, { base }) {
        log.push(['open', argument, ...Object.values(given)].join(' '))
        if (failure !== undefined) throw failure
        return { spawn: (command, options) => base.spawn(command, options), close: async () => void log.push(`close ${argument}`) }
      },
      async identify(target) {
        if (failure !== undefined && target.below.length === 0) throw failure
        return identityOf(target)
      },
    }),
    many: defineConnector({ hosts: () => [{ name: 'one' }, { name: 'two', data: { ssh_user: 'second' } }] }),
  }
})

function identityOf({ argument, data: given, below }: Target): Identity {
  const name = [argument, ...Object.values(given), ...below].join(' ')
  return { name, file: 'trusted', keys: [], trust: async () => void log.push(`trust ${name}`) }
}

function open(names: readonly string[], hosts: readonly HostReference[] = [], signal?: AbortSignal): Promise<Identities> {
  return openIdentities({
    names, hosts,
    load: async (_, name) => plugins[name],
    isConnector: (name) => Object.hasOwn(plugins, name),
    ...(signal && { signal }),
  })
}

/** What each of them says of itself. */
async function told(names: readonly string[], hosts?: readonly HostReference[]): Promise<string[]> {
  const machines = await open(names, hosts)
  const all: string[] = []
  for (const host of machines.hosts) all.push(await machines.identify(host, async ({ name }) => `${host}: ${name}`))
  return all
}

it('a host of the fleet has its data, however its name is written, and is asked once', async () => {
  const fleet = [{ name: '@ssh/db1', data: { ssh_user: 'ana' } }, { name: 'db2' }]
  expect(await told(['db1'], fleet)).toEqual(['@ssh/db1: db1 ana'])
  expect(await told(['@ssh/db2', 'db2', '@ssh/db1', 'db1'], fleet)).toEqual(['db2: db2', '@ssh/db1: db1 ana'])
  expect(await told(['*'], fleet)).toEqual(['@ssh/db1: db1 ana', 'db2: db2'])
})

it('a host that is not of the fleet has no data, but what it stands on is the fleet’s', async () => {
  expect(await told(['db1'])).toEqual(['db1: db1'])
  expect(await told(['gate/@ssh/db1'], [{ name: 'gate', data: { ssh_user: 'ana' } }])).toEqual(['gate/@ssh/db1: db1 @ssh/gate'])
  expect(log).toEqual(['open gate ana', 'close gate'])
})

it('a name that stands for several is all of them, with the data it gives', async () => {
  expect(await told(['@many'])).toEqual(['one: one', 'two: two second'])
  expect(await told(['two'], [{ name: '@many' }])).toEqual(['two: two second'])
})

it('what a host stands on is open while its answer is used, and no longer', async () => {
  const machines = await open(['gate/@ssh/db1'])
  await machines.identify('gate/@ssh/db1', async (identity) => {
    expect(log).toEqual(['open gate'])
    await identity.trust()
  })
  expect(log).toEqual(['open gate', 'trust db1 @ssh/gate', 'close gate'])
  log = []
  await expect(machines.identify('gate/@ssh/db1', async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(log).toEqual(['open gate', 'close gate'])
})

it('a layer that cannot be opened or asked is told with its name', async () => {
  failure = new ChaosError('HOST_KEY_UNKNOWN', { message: 'It is not known.', details: { retry: false } })
  const use = async (): Promise<void> => {}
  const stacked = await open(['gate/@ssh/db1'])
  await expect(stacked.identify('gate/@ssh/db1', use)).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN', host: 'gate/@ssh/db1', details: { layer: '@ssh/gate' } })
  failure = new Error('what is this')
  const single = await open(['db1'])
  await expect(single.identify('db1', use)).rejects.toMatchObject({ code: 'CONNECT_FAILED', host: 'db1', details: { layer: '@ssh/db1' } })
})

it('a connector that cannot ask is an error that names it, and an interrupted run asks nobody', async () => {
  const local = await open(['@local'])
  await expect(local.identify('@local', async () => {})).rejects.toMatchObject({ code: 'CONNECTOR_NO_IDENTITY', message: expect.stringContaining('@local') })
  failure = new Error('cut off')
  const cut = await open(['db1'], [], AbortSignal.abort())
  await expect(cut.identify('db1', async () => {})).rejects.toMatchObject({ code: 'INTERRUPTED' })
})
