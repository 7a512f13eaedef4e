import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyWith, connectorRunSuite, noDocker, startDocker, treeOf } from '@chaos/testkit'
import type { Applied, DockerEngine } from '@chaos/testkit'
import { defineOperation, defineRole, script } from '@chaos/core'
import type { HostReference } from '@chaos/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import local from '../../connector-local/src/index.ts'
import { files } from '../../operations/src/index.ts'
import roleFiles from '../../role-files/src/index.ts'
import docker from '../src/index.ts'

const reason = noDocker()
/** Milliseconds that 20 containers may take on a busy machine. */
const MANY = 240_000
let engine: DockerEngine
let folder: string

async function load(_: string, name: string): Promise<unknown> {
  return name === 'docker' ? docker : local
}

/** A tree of every kind, below a folder of the host. */
const tree = (root: string): unknown[] => [
  { path: `${root}/etc`, mode: '0750' },
  { path: `${root}/etc/plain`, content: "it's\nplain $HOME `id`\n" },
  { path: `${root}/etc/owned`, content: 'owned', owner: '1000', group: '1000', mode: '0640' },
  { path: `${root}/etc/empty`, content: '', mode: '4755' },
  { path: `${root}/odd name/☃ 'q' "d"`, content: 'odd' },
  { path: `${root}/large`, content: 'a line of a large file\n'.repeat(20_000), mode: '0600' },
  { path: `${root}/link`, target: 'etc/plain' },
]

const apply = (host: HostReference, root: string, options: object = {}): Promise<Applied> =>
  applyWith({ hosts: [host], roles: { files: roleFiles }, desired: { files: tree(root) }, load, ...options })

/** What may be compared between machines: all but the times. */
function manifest(of: string): string[] {
  return treeOf(of).map((line) => line.replace(/ \d{19} \d{19}/, ''))
}

describe.skipIf(reason !== undefined)(`apply in containers${reason === undefined ? '' : ` (${reason})`}`, () => {
  const onDocker = (name: string, data: object = {}): HostReference => ({ name: `@docker/${name}`, data: { docker_socket: engine.socket, ...data } })

  beforeAll(async () => {
    engine = await startDocker()
    await engine.image('busybox')
    folder = mkdtempSync(join(tmpdir(), 'chaos-tree-'))
    // Its lock too: tests of others apply to this machine at the same time.
    vi.stubEnv('CHAOS_STATE_FOLDER', join(folder, 'state'))
    for (const name of ['local', 'image']) mkdirSync(join(folder, name))
    await engine.docker('run', '--detach', '--name', 'web', '--network', 'none', 'busybox', 'sleep', '1000')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await engine?.close()
    if (folder) rmSync(folder, { recursive: true })
  })

  const inWeb = (script: string): Promise<string> => engine.docker('exec', '--user', '0', 'web', 'sh', '-c', script)
  connectorRunSuite({ name: '@docker/web', host: () => onDocker('web'), connectors: { docker, local }, look: inWeb, owned: 1000, files, describe, it })

  it('gives the same tree in a container from an image as on this machine, reports the image, and a dry run makes none', async () => {
    expect((await apply({ name: '@local' }, `${folder}/local`)).hosts[0]).toMatchObject({ state: 'changed' })
    expect(manifest(`${folder}/local`)).toHaveLength(9)
    const image = onDocker('busybox', { docker_network: 'none', docker_volumes: [`${folder}/image:/mnt/tree`] })
    const dry = await apply(image, '/mnt/tree', { dry: true })
    expect([dry.errors, manifest(`${folder}/image`).length]).toEqual([[], 1])
    expect(await engine.docker('images', '--quiet', '--all')).toHaveLength(13)
    const applied = await apply(image, '/mnt/tree')
    expect(manifest(`${folder}/image`)).toEqual(manifest(`${folder}/local`))
    expect(applied.events.filter(({ type }) => type === 'report')).toMatchObject([{ host: '@docker/busybox', key: 'image', value: expect.stringMatching(/^sha256:/) }])
    expect((await engine.docker('ps', '--all', '--format', '{{.Names}}')).trim()).toBe('web')
  })

  it('works on 20 containers at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `many${index}`)
    await Promise.all(names.map((name) => engine.docker('run', '--detach', '--name', name, '--network', 'none', 'busybox', 'sleep', '1000')))
    const applied = await applyWith({ hosts: names.map((name) => onDocker(name)), roles: { files: roleFiles }, desired: { files: tree('/srv/tree') }, load })
    expect(applied.errors).toEqual([])
    expect(applied.hosts.map(({ state }) => state)).toEqual(names.map(() => 'changed'))
    await engine.docker('rm', '--force', ...names)
  }, MANY)

  it('tells that a container has ended, with the last it printed, and starts it no more', async () => {
    await engine.docker('run', '--detach', '--name', 'mortal', '--network', 'none', 'busybox', 'sh', '-c', 'echo "out of cheese"; while ! [ -e /tmp/die ]; do sleep 0.05; done; exit 3')
    const act = defineOperation({ name: 'test.act', args: anything, diff: () => [{ summary: 'run', do: [{ run: script('touch /tmp/die; sleep 20') }] }], action: true })
    const applied = await applyWith({ hosts: [onDocker('mortal')], roles: { test: defineRole(() => [act({})]) }, load })
    expect(applied.hosts[0]).toMatchObject({ state: 'unknown', error: { message: expect.stringMatching(/mortal ended with code 3 .*out of cheese/) } })
    expect(await engine.docker('ps', '--all', '--filter', 'name=mortal', '--format', '{{.State}}')).toBe('exited\n')
  })

  it('changes nothing any more when the container ended between two exchanges, and says so', async () => {
    await engine.docker('run', '--detach', '--name', 'gone', '--network', 'none', 'busybox', 'sh', '-c', 'echo "no more cheese"; sleep 1000')
    const applied = await apply(onDocker('gone'), '/srv/tree', {
      skipConfirm: false,
      confirm: async () => {
        await engine.docker('kill', 'gone')
        return true
      },
    })
    // Which of both depends on whether its end was noticed before the first change left.
    expect(['unreachable', 'unknown']).toContain(applied.hosts[0]?.state)
    expect(applied.hosts[0]?.error?.message).toMatch(/gone ended with code 137 .*no more cheese/)
    expect(applied.operations.filter((line) => line.endsWith('changed'))).toEqual([])
  })
})

const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as object }) } } as const

const programs = ['/usr/bin/sudo', '/etc/pam.d/sudo', '/lib64']
const without = reason ?? (programs.every((file) => existsSync(file)) ? undefined : `needs ${programs.join(', ')}`)

describe.skipIf(without !== undefined)(`elevation in containers${without === undefined ? '' : ` (${without})`}`, () => {
  let own: DockerEngine
  beforeAll(async () => {
    own = await startDocker()
    await own.image('busybox', { changes: ['USER ana'] })
    // sudo of this machine, with its libraries, and rules of its own.
    const mounts = ['/usr', '/lib', '/lib64', '/etc/pam.d', '/etc/security', '/etc/ld.so.cache', '/etc/nsswitch.conf'].filter((path) => existsSync(path))
    await own.docker('run', '--detach', '--name', 'web', '--network', 'none', ...mounts.flatMap((path) => ['--volume', `${path}:${path}:ro`]), 'busybox', 'sleep', '1000')
    await own.docker('exec', '--user', '0', 'web', 'sh', '-c', "umask 337; echo 'root:*:19000:0:99999:7:::' >/etc/shadow; echo 'ana:*:19000:0:99999:7:::' >>/etc/shadow; printf 'Defaults requiretty\\nana ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers")
  })
  afterAll(() => own?.close())

  // By a sudo that wants a terminal.
  connectorRunSuite({
    name: '@docker/web',
    host: () => ({ name: '@docker/web', data: { docker_socket: own.socket } }),
    connectors: { docker, local },
    look: (script) => own.docker('exec', '--user', '0', 'web', 'sh', '-c', script),
    sudo: true,
    owned: 1000,
    files,
    describe,
    it,
  })
})
