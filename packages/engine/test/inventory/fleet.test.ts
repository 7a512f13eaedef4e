import { runInNewContext } from 'node:vm'
import { ChaosError, defineBoat, defineConnector, secret } from '@chaos/core'
import type { HostReference, PluginContext } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { expandFleet } from '../../src/inventory/index.ts'
import type { FleetOptions } from '../../src/inventory/index.ts'

const context: PluginContext = {
  run: async () => ({ code: 0, stdout: '', stderr: '' }),
  signal: new AbortController().signal,
  cache: (_, make) => make(),
  report: () => {},
  prompt: async () => '',
}
const open = async (): Promise<never> => {
  throw new Error('not opened here')
}

const plugins: Record<string, unknown> = {
  'connector local': defineConnector({ open }),
  'connector ssh': defineConnector({
    open,
    data: z.strictObject({ ssh_user: z.string().optional(), ssh_port: z.number().int().optional(), ssh_password: z.custom<unknown>().optional() }),
  }),
  'connector docker': defineConnector({ open, data: z.object({ docker_commit: z.boolean().optional() }) }),
  'connector docker-swarm': defineConnector({ open, data: z.object({ docker_swarm_stack: z.string().optional() }) }),
  'connector chroot': defineConnector({ open }),
  'connector dockerssh': defineConnector({
    *hosts(argument) {
      const [host, image] = argument.split(':')
      yield { name: `@ssh/${host}/@docker/${image}` }
    },
  }),
  'connector terraform': defineConnector({
    data: z.object({ terraform_dir: z.string().default('.') }),
    async *hosts(argument, { data }) {
      yield { name: `${argument}-1`, data: { ssh_user: 'found', address: data['terraform_dir'] }, groups: ['found'] }
      yield { name: `${argument}-2` }
    },
  }),
  'connector loop': defineConnector({ hosts: (argument) => [{ name: `@loop/${argument}x` }] }),
  'connector broken': defineConnector({
    hosts() {
      throw new Error('no state file')
    },
  }),
  'connector vm': defineConnector({ open, hosts: (argument) => (argument === '' ? [{ name: '@vm/a' }, { name: '@vm/b' }] : [{ name: `@vm/${argument}` }]) }),
  'connector fake': { open },
  'boat list': defineBoat({
    config: z.strictObject({ names: z.array(z.string()) }),
    hosts: ({ config }) => config.names.map((name) => ({ name })),
  }),
  'boat down': defineBoat({
    async *hosts() {
      yield { name: 'a' }
      throw new Error('503')
    },
  }),
}

const loaded: string[] = []
async function load(kind: string, name: string): Promise<unknown> {
  loaded.push(`${kind} ${name}`)
  const found = plugins[`${kind} ${name}`]
  if (found === undefined) throw new ChaosError('PLUGIN_NOT_FOUND', { message: `There is no ${kind} "${name}".` })
  return found
}

function fleet(hosts: readonly (HostReference | string)[], options: Partial<FleetOptions> = {}) {
  return expandFleet({ load, hosts: hosts.map((each) => (typeof each === 'string' ? { name: each } : each)), ...options }, context)
}
const installed = (name: string): boolean => `connector ${name}` in plugins

/** A boat that gives exactly this. */
function boatOf(value: unknown): Partial<FleetOptions> {
  return { boats: [{ provider: 'x' }], load: async (kind, name) => (kind === 'boat' ? defineBoat({ hosts: () => [value as HostReference] }) : load(kind, name)) }
}

describe('a fleet', () => {
  it('gives each layer the keys with its prefix, and all data to roles', async () => {
    const [host] = await fleet([{ name: '@ssh/bastion/@docker/web', data: { ssh_user: 'ci', docker_commit: true, zone: 'b' }, groups: ['web'] }])
    expect(host).toEqual({
      name: '@ssh/bastion/@docker/web',
      canonical: '@ssh/bastion/@docker/web',
      groups: ['web'],
      from: [],
      data: { ssh_user: 'ci', docker_commit: true, zone: 'b' },
      layers: [
        { connector: 'ssh', argument: 'bastion', reference: '@ssh/bastion', data: { ssh_user: 'ci' } },
        { connector: 'docker', argument: 'web', reference: '@ssh/bastion/@docker/web', data: { docker_commit: true } },
      ],
    })
  })

  it('keeps the order: what is written, then the boats', async () => {
    const boats = [{ provider: 'list', config: { names: ['c', 'd'] } }, { provider: 'list', config: { names: ['e'] } }]
    expect((await fleet(['a', '@local'], { boats })).map((host) => host.name)).toEqual(['a', '@local', 'c', 'd', 'e'])
  })

  it('gives a hop the data of the host that has its name', async () => {
    const [, stacked, twice] = await fleet([
      { name: 'bastion', data: { ssh_user: 'jump', ssh_port: 2222 } },
      { name: '@ssh/bastion/@docker/web', data: { ssh_port: 22 } },
      { name: '@ssh/bastion/@ssh/inner', data: { ssh_user: 'admin' } },
    ])
    expect(stacked?.layers[0]?.data).toEqual({ ssh_user: 'jump', ssh_port: 22 })
    expect(twice?.layers.map((layer) => layer.data)).toEqual([{ ssh_user: 'jump', ssh_port: 2222 }, { ssh_user: 'admin' }])
  })

  it('merges the data of groups, found by pattern or by name; what the host says wins', async () => {
    const groups = {
      all: { hosts: ['*'], data: { ssh_user: 'all', zone: 'z' } },
      web: { hosts: ['web?'], data: { ssh_user: 'web' } },
      db: { data: { ssh_port: 2222 } },
    }
    const [web, db] = await fleet([{ name: 'web1' }, { name: 'db1', data: { zone: 'own' }, groups: ['db'] }], { groups })
    expect(web).toMatchObject({ groups: ['all', 'web'], data: { ssh_user: 'web', zone: 'z' }, layers: [{ data: { ssh_user: 'web' } }] })
    expect(db).toMatchObject({ groups: ['db', 'all'], data: { ssh_user: 'all', ssh_port: 2222, zone: 'own' } })
  })

  it('expands what only names hosts; what is written wins over what was found', async () => {
    const groups = { found: { data: { tier: 1 } } }
    const hosts = await fleet([{ name: '@terraform/web', data: { terraform_dir: '/infra', ssh_user: 'ci' }, groups: ['prod'] }], { groups })
    expect(hosts).toMatchObject([
      { name: 'web-1', from: ['@terraform/web'], groups: ['found', 'prod'], data: { ssh_user: 'ci', address: '/infra', tier: 1 } },
      { name: 'web-2', from: ['@terraform/web'], groups: ['prod'], data: { ssh_user: 'ci' } },
    ])
  })

  it('expands to stacks', async () => {
    const [host] = await fleet([{ name: '@dockerssh/build:debian', data: { ssh_user: 'ci' } }])
    expect(host).toMatchObject({ name: '@ssh/build/@docker/debian', layers: [{ connector: 'ssh', data: { ssh_user: 'ci' } }, { connector: 'docker' }] })
  })

  it('ends with a host that stands for itself', async () => {
    expect((await fleet(['@vm'])).map((host) => [host.name, host.from])).toEqual([['@vm/a', ['@vm']], ['@vm/b', ['@vm']]])
  })

  it('finds out by loading whether a part of a name is a connector', async () => {
    const [host] = await fleet(['@chroot/mnt/@home/x'])
    expect(host?.layers).toMatchObject([{ connector: 'chroot', argument: 'mnt/@home/x' }])
  })

  it('asks who knows what is installed instead, and loads nothing for it', async () => {
    loaded.length = 0
    const [host] = await fleet(['@chroot/mnt/@home'], { isConnector: installed })
    expect(host?.layers).toHaveLength(1)
    expect(loaded).toEqual(['connector chroot'])
  })

  it('keeps a Secret a Secret', async () => {
    const password = secret('hunter22')
    const [host] = await fleet([{ name: 'a', data: { ssh_password: password } }])
    expect(host?.data['ssh_password']).toBe(password)
    expect(host?.layers[0]?.data['ssh_password']).toBe(password)
  })

  it('takes maps of another realm', async () => {
    const data = runInNewContext('({ ssh_user: "a", list: [1, { b: 2 }] })') as Record<string, unknown>
    expect((await fleet([], boatOf({ name: 'a', data })))[0]?.data).toEqual({ ssh_user: 'a', list: [1, { b: 2 }] })
  })
})

describe('a fleet refuses', () => {
  it.each<[string, readonly (HostReference | string)[], string, string, string?]>([
    ['the same name twice', ['a', 'b', 'a'], 'HOST_TWICE', 'a is in the fleet twice'],
    ['two names of one host', ['a', '@ssh/a'], 'HOST_TWICE', 'a and @ssh/a are the same host'],
    ['a host that is found and written', ['web-1', '@terraform/web'], 'HOST_TWICE', 'from fleet.hosts and from @terraform/web'],
    ['an unknown connector', ['@nope/x'], 'PLUGIN_NOT_FOUND', 'There is no connector "nope".'],
    ['what is no connector', ['@fake/x'], 'PLUGIN_KIND', 'What was loaded as the connector "fake" is no connector.'],
    ['an expansion without end', ['@loop/a'], 'HOST_EXPANSION', '@loop/a never comes to an end'],
    ['an expansion that fails', ['@broken/a'], 'HOST_EXPANSION', '@broken could not tell the hosts of @broken/a: no state file'],
    ['a stack on what only names hosts', ['@terraform/web/@docker/x'], 'CONNECTOR_NOT_OPENING', '@terraform only names hosts'],
    ['a wrong value', [{ name: 'a', data: { ssh_port: 'x' } }], 'HOST_DATA', 'The data of a are wrong: ssh_port: Invalid input'],
    ['a key with a typing error', [{ name: 'a', data: { ssh_prot: 22 } }], 'HOST_DATA', 'a has the key "ssh_prot", which @ssh does not know.', 'Did you mean "ssh_port"?'],
    ['a key of a connector that takes none', [{ name: '@local', data: { local_x: 1 } }], 'HOST_DATA', '@local does not know'],
    ['a key of another connector with a typing error', [{ name: '@docker/web', data: { ssh_usr: 'x' } }], 'HOST_DATA', 'which @ssh does not know', 'Did you mean "ssh_user"?'],
    ['the longest prefix', [{ name: '@docker/web', data: { docker_swarm_stak: 'x' } }], 'HOST_DATA', 'which @docker-swarm does not know'],
  ])('%s', async (_, hosts, code, message, hint) => {
    await expect(fleet(hosts, { isConnector: installed })).rejects.toMatchObject({ code, message: expect.stringContaining(message), ...(hint && { hint }) })
  })

  it.each<[string, unknown, string]>([
    ['no host at all', 42, 'The boat x gave a host without a name.'],
    ['a name that is an option', { name: '-oProxyCommand=x' }, 'a part of it starts with "-"'],
    ['a name with an escape', { name: 'a\u001b]0;x' }, 'cannot be used'],
    ['functions', { name: 'a', data: { f: () => 1 } }, 'it holds a function'],
    ['objects of a class', { name: 'a', data: { d: new Date() } }, 'it holds a object (Date)'],
    ['a forged Secret', { name: 'a', data: JSON.parse('{"p":{"~chaos":{"kind":"secret","api":1}}}') }, 'has the key "~chaos"'],
    ['a prototype', { name: 'a', data: JSON.parse('{"__proto__":{"sudo":true}}') }, 'has the key "__proto__"'],
    ['too deep', { name: 'a', data: JSON.parse('{"a":'.repeat(30) + '1' + '}'.repeat(30)) }, 'nested more than 20 deep'],
    ['too much', { name: 'a', data: { list: Array(20_000).fill(1) } }, 'more than 10000 values'],
    ['too long', { name: 'a', data: { text: 'x'.repeat(2_000_000) } }, 'more than 1000000 characters'],
    ['a list as data', { name: 'a', data: [1] }, 'is not a map'],
    ['groups that are no names', { name: 'a', groups: ['a b'] }, 'no list of names'],
  ])('%s from a boat', async (_, value, message) => {
    await expect(fleet([], boatOf(value))).rejects.toThrow(message)
  })

  it('a wrong config of a boat, with its path', async () => {
    await expect(fleet([], { boats: [{ provider: 'list', config: { names: ['a', 1] } }] })).rejects.toMatchObject({ code: 'BOAT_CONFIG', details: { path: ['names', 1] } })
  })

  it('a boat that fails, by name', async () => {
    await expect(fleet([], { boats: [{ provider: 'down' }] })).rejects.toMatchObject({ code: 'BOAT_FAILED', message: 'The boat "down" could not tell its hosts: 503' })
  })

  it('an endless boat, and ends it', async () => {
    let ended = false
    const endless = defineBoat({
      *hosts() {
        try {
          for (let index = 0; ; index++) yield { name: `h${index}` }
        } finally {
          ended = true
        }
      },
    })
    await expect(fleet([], { boats: [{ provider: 'x' }], load: async () => endless })).rejects.toThrow('more than 10000 hosts')
    expect(ended).toBe(true)
  })

  it('to wait for a boat that hangs when it is interrupted', async () => {
    const abort = new AbortController()
    const hanging = defineBoat({
      async *hosts() {
        abort.abort()
        await new Promise(() => {})
        yield { name: 'a' }
      },
    })
    const asked = expandFleet({ load: async () => hanging, hosts: [], boats: [{ provider: 'x' }] }, { ...context, signal: abort.signal })
    await expect(asked).rejects.toThrow('aborted')
  })
})
