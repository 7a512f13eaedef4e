import { applyWith, connectorRunSuite, noPodman, treeOf } from '@chaos/testkit'
import type { Applied } from '@chaos/testkit'
import { defineConnector, defineOperation, defineRole, script } from '@chaos/core'
import type { HostReference } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { files } from '../../operations/src/index.ts'
import roleFiles from '../../role-files/src/index.ts'
import podman from '../src/index.ts'
import { loadOn, startTarget } from './support.ts'
import type { Target } from './support.ts'

const reason = noPodman()
// Each command starts several programs, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })
let target: Target
const load = loadOn(() => target)

/** A tree of every kind, below a folder of the host. */
const tree = (root: string): unknown[] => [
  { path: `${root}/etc`, mode: '0750' },
  { path: `${root}/etc/plain`, content: "it's\nplain $HOME `id`\n" },
  { path: `${root}/etc/owned`, content: 'owned', owner: '1000', group: '1000', mode: '4640' },
  { path: `${root}/odd name/☃ 'q' "d"`, content: '' },
  { path: `${root}/large`, content: 'a line of a large file\n'.repeat(20_000), mode: '0600' },
  { path: `${root}/link`, target: 'etc/plain' },
]

const apply = (host: HostReference, root: string, options: object = {}): Promise<Applied> =>
  applyWith({ hosts: [host], roles: { files: roleFiles }, desired: { files: tree(root) }, load, ...options })

/** What may be compared between machines, seen from outside: all but the times. */
const manifest = (name: string): string[] => treeOf(`${target.root}/srv/${name}`).map((line) => line.replace(/ \d{19} \d{19}/, ''))

describe.skipIf(reason !== undefined)(`apply in containers of podman${reason === undefined ? '' : ` (${reason})`}`, () => {
  beforeAll(async () => {
    target = await startTarget()
    await target.image('busybox')
    await target.machine.run('mkdir -p /srv/here /srv/container /srv/image')
    await target.podman('run', '--detach', '--name', 'web', '--network', 'none', '--volume', '/srv/container:/mnt/tree', 'busybox', 'sleep', '1000')
  })
  afterAll(() => target?.close())

  const inWeb = (text: string): Promise<string> => target.podman('exec', '--user', '0', 'web', 'sh', '-c', text)
  const here = defineConnector({ open: () => target.base() })
  connectorRunSuite({ name: '@podman/web', host: () => ({ name: '@podman/web' }), connectors: { podman, local: here }, look: inWeb, owned: 1000, files, describe, it })

  it('gives the same tree as on the machine itself, and the second run changes nothing', async () => {
    expect((await apply({ name: '@local' }, '/srv/here')).hosts[0]).toMatchObject({ state: 'changed' })
    const first = await apply({ name: '@podman/web' }, '/mnt/tree')
    expect([first.errors, first.hosts[0]?.state]).toEqual([[], 'changed'])
    expect(manifest('container')).toEqual(manifest('here'))
    expect(manifest('container')).toHaveLength(8)
    expect((await apply({ name: '@podman/web' }, '/mnt/tree')).hosts[0]).toMatchObject({ state: 'ok', exchanges: 2 })
  })

  it('gives the same tree in a container from an image, reports the image, and a dry run makes none', async () => {
    const host = { name: '@podman/busybox', data: { podman_network: 'none', podman_volumes: ['/srv/image:/mnt/tree'] } }
    const images = (): Promise<string> => target.podman('images', '--quiet', '--all')
    const before = await images()
    expect([(await apply(host, '/mnt/tree', { dry: true })).errors, manifest('image').length, await images()]).toEqual([[], 1, before])
    const applied = await apply(host, '/mnt/tree')
    expect(manifest('image')).toEqual(manifest('here'))
    expect(applied.events.filter(({ type }) => type === 'report')).toMatchObject([{ host: '@podman/busybox', key: 'image', value: expect.stringMatching(/^[0-9a-f]{64}$/) }])
    expect(await target.podman('ps', '--all', '--format', '{{.Names}}')).toBe('web\n')
  })

  it('works on 20 containers at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `many${index}`)
    for (const name of names) await target.podman('run', '--detach', '--name', name, '--network', 'none', 'busybox', 'sleep', '1000')
    const applied = await applyWith({ hosts: names.map((name) => `@podman/${name}`), roles: { files: roleFiles }, desired: { files: tree('/srv/tree') }, load })
    expect(applied.errors).toEqual([])
    expect(applied.hosts.map(({ state }) => state)).toEqual(names.map(() => 'changed'))
    await target.podman('rm', '--force', '--time', '0', ...names)
  })

  it('tells that a container has ended, with the last it printed, and starts it no more', async () => {
    await target.podman('run', '--detach', '--name', 'mortal', '--network', 'none', 'busybox', 'sh', '-c', 'echo "out of cheese"; while ! [ -e /tmp/die ]; do sleep 0.05; done; exit 3')
    const act = defineOperation({ name: 'test.act', args: anything, diff: () => [{ summary: 'run', do: [{ run: script('touch /tmp/die; sleep 20') }] }], action: true })
    const applied = await applyWith({ hosts: ['@podman/mortal'], roles: { test: defineRole(() => [act({})]) }, load })
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', error: { message: expect.stringMatching(/mortal ended with code 3 .*out of cheese/) } })
    expect(await target.podman('ps', '--all', '--filter', 'name=mortal', '--format', '{{.Status}}')).toMatch(/^Exited \(3\)/)
  })
})

const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as object }) } } as const
