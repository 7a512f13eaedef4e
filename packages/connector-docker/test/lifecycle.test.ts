import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { sh } from '@chaos/core'
import { noDocker, pluginContext, startDocker } from '@chaos/testkit'
import type { DockerEngine } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { here, openDocker, say } from './support.ts'
import type { Context } from './support.ts'

const reason = noDocker()
let engine: DockerEngine
let images: readonly string[]

const open = (argument: string, data: Record<string, unknown> = {}, context?: Context): ReturnType<typeof openDocker> =>
  openDocker(argument, { docker_socket: engine.socket, ...(argument.startsWith('team/') ? { docker_network: 'none' } : {}), ...data }, context)

async function list(...args: readonly string[]): Promise<string[]> {
  return (await engine.docker(...args)).split('\n').filter(Boolean).toSorted()
}

const containers = (): Promise<string[]> => list('ps', '--all', '--format', '{{.Names}} {{.State}}')
const allImages = (): Promise<string[]> => list('images', '--all', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}')
interface Inspected {
  readonly Id: string
  readonly RestartCount: number
  readonly HostConfig: Readonly<Record<string, unknown>>
  readonly Config: Readonly<Record<string, unknown>>
}

const inspect = async (what: string): Promise<Inspected> => (JSON.parse(await engine.docker('inspect', what)) as [Inspected])[0]

describe.skipIf(reason !== undefined)(`containers and images${reason === undefined ? '' : ` (${reason})`}`, () => {
  beforeAll(async () => {
    engine = await startDocker()
    await engine.image('team/base:1')
    await engine.image('team/odd:1', {
      changes: ['USER ana', 'ENTRYPOINT ["/bin/false"]', 'CMD ["--serve"]', 'WORKDIR /srv', 'ENV KEPT=yes', 'LABEL kind=odd'],
      without: ['tail', 'sleep', 'cat'],
    })
    await engine.image('team/empty:1', { without: ['sh'] })
    images = await allImages()
  })
  afterEach(async () => {
    const left = (await list('ps', '--all', '--quiet')).concat()
    if (left.length > 0) await engine.docker('rm', '--force', ...left)
    const made = (await allImages()).filter((line) => !images.includes(line)).map((line) => line.split(' ') as [string, string])
    for (const [name, id] of made) await engine.docker('rmi', '--force', name.includes('<none>') ? id : name)
  })
  afterAll(() => engine?.close())

  describe('a container that is there', () => {
    it('is used as it is and left as it was, by name and by id', async () => {
      const id = (await engine.docker('run', '--detach', '--name', 'web', '--network', 'none', 'team/base:1', 'sleep', '1000')).trim()
      for (const [reference, outcome] of [['web', 'done'], [id, 'failed'], [id.slice(0, 12), 'aborted'], ['web', 'dry']] as const) {
        const context = pluginContext()
        const connection = await open(reference, { docker_commit: 'never:made' }, context)
        expect(await say(connection, 'echo x >>/srv/x; wc -l </srv/x')).toMatch(/^\d$/)
        await connection.close({ outcome })
        expect(context.reports).toEqual([])
      }
      expect(await containers()).toEqual(['web running'])
      expect((await inspect('web')).RestartCount).toBe(0)
      expect(await engine.docker('exec', 'web', 'wc', '-l', '/srv/x')).toContain('4')
      expect(await allImages()).toEqual(images)
    })

    it.each([
      [undefined, 'exited'],
      [false, 'exited'],
      [true, 'running'],
    ])('that was stopped is started, and with docker_keep_running %s it is %s afterwards', async (keep, state) => {
      await engine.docker('create', '--name', 'web', '--network', 'none', '--stop-signal', 'KILL', 'team/base:1', 'sleep', '1000')
      const connection = await open('web', keep === undefined ? {} : { docker_keep_running: keep })
      expect(await containers()).toEqual(['web running'])
      await connection.close({ outcome: 'done' })
      expect(await containers()).toEqual([`web ${state}`])
    })

    it('that is paused is an error that says so', async () => {
      await engine.docker('run', '--detach', '--name', 'web', '--network', 'none', 'team/base:1', 'sleep', '1000')
      await engine.docker('pause', 'web')
      await expect(open('web')).rejects.toMatchObject({ code: 'CONTAINER_PAUSED', hint: expect.stringContaining('docker unpause web') })
      await engine.docker('unpause', 'web')
    })

    it('is never meant by the first letters of its id alone', async () => {
      const id = (await engine.docker('run', '--detach', '--name', 'web', '--network', 'none', 'team/base:1', 'sleep', '1000')).trim()
      await expect(open(id.slice(0, 5), { docker_pull: 'never' })).rejects.toMatchObject({ code: 'CONTAINER_MISSING' })
    })
  })

  describe('an image', () => {
    it('is started, committed under the name that is given, and its container is gone', async () => {
      const context = pluginContext()
      const connection = await open('team/base:1', { docker_commit: 'team/made:2' }, context)
      await say(connection, 'echo hello >/srv/page')
      await connection.close({ outcome: 'done' })
      expect(await containers()).toEqual([])
      const { Id } = await inspect('team/made:2')
      expect(context.reports).toEqual([{ key: 'image', value: Id, text: `What was made of team/base:1 is the image team/made:2 (${Id.slice(7, 19)}).` }])
      expect(await engine.docker('run', '--rm', '--network', 'none', 'team/made:2', 'cat', '/srv/page')).toBe('hello\n')
    })

    it('of any entrypoint, user and programs is started, and the image made of it starts what it did', async () => {
      const connection = await open('team/odd:1', { docker_commit: 'team/odd:2', docker_env: { TOKEN: 'hidden' } })
      expect(await say(connection, 'id -un; pwd; echo $KEPT $TOKEN; echo made >/tmp/made')).toBe('ana\n/srv\nyes hidden')
      await connection.close({ outcome: 'done' })
      const [before, after] = [await inspect('team/odd:1'), await inspect('team/odd:2')]
      for (const key of ['User', 'Entrypoint', 'Cmd', 'Env', 'WorkingDir', 'Labels', 'OpenStdin', 'Tty', 'Volumes', 'ExposedPorts']) {
        expect([key, after.Config[key] ?? null]).toEqual([key, before.Config[key] ?? null])
      }
      expect(JSON.stringify(after)).not.toContain('hidden')
    })

    it('without docker_commit becomes an image without a name, whose id is reported', async () => {
      const context = pluginContext()
      const connection = await open('team/base:1', {}, context)
      await connection.close({ outcome: 'done' })
      const made = (await allImages()).filter((line) => !images.includes(line))
      expect(made).toEqual([`<none>:<none> ${context.reports[0]?.value}`])
    })

    it.each([
      ['done', { docker_commit: false }],
      ['failed', { docker_commit: 'team/made:2' }],
      ['aborted', {}],
      ['dry', { docker_commit: 'team/made:2' }],
    ] as const)('is not committed when the run is %s with %j, and leaves no container', async (outcome, data) => {
      const context = pluginContext()
      const connection = await open('team/base:1', data, context)
      const process = await connection.spawn(sh`sleep 300`)
      await connection.close({ outcome })
      expect((await process.exit.catch(() => ({ code: 1 }))).code).not.toBe(0)
      expect([await containers(), await allImages(), context.reports]).toEqual([[], images, []])
    })

    it('is started with network, volumes and user as they are given', async () => {
      const connection = await open('team/base:1', { docker_network: 'host', docker_volumes: ['/proc/version:/srv/outside:ro'], docker_user: '1000:1000', docker_platform: 'linux/amd64', docker_commit: false })
      const [{ Names }] = (await list('ps', '--format', '{{json .}}')).map((line) => JSON.parse(line) as { Names: string }) as [{ Names: string }]
      const { HostConfig, Config } = await inspect(Names)
      expect([HostConfig['NetworkMode'], HostConfig['Binds'], Config['Tty']]).toEqual(['host', ['/proc/version:/srv/outside:ro'], false])
      expect(await say(connection, 'id -u; cat /srv/outside >/dev/null && echo mounted')).toBe('1000\nmounted')
      await connection.close({ outcome: 'done' })
    })

    it('that has no shell is an error that says so, and leaves no container', async () => {
      await expect(open('team/empty:1')).rejects.toMatchObject({ code: 'CONTAINER_SHELL', message: 'The image team/empty:1 has no /bin/sh, so nothing can be run in it.' })
      expect(await containers()).toEqual([])
    })

    it('that cannot be started as asked is an error that says why, and leaves no container', async () => {
      await expect(open('team/base:1', { docker_network: 'nosuch' })).rejects.toMatchObject({ code: 'CONTAINER_START', message: expect.stringContaining('nosuch') })
      expect(await containers()).toEqual([])
    })

    it('takes in the processes that were left to its first one', async () => {
      const connection = await open('team/base:1', { docker_commit: false })
      const pid = await say(connection, "setsid sh -c 'sleep 0.05 & echo $!'")
      // A zombie takes signals, so this ends only when it was taken in.
      expect(await say(connection, `while kill -s 0 ${pid} 2>/dev/null; do sleep 0.02; done; echo gone`)).toBe('gone')
      await connection.close({ outcome: 'done' })
    })
  })

  describe('neither a container nor an image of that name', () => {
    let registry: Server
    let address: string
    const asked: string[] = []
    beforeAll(async () => {
      registry = await serveImage(asked)
      address = `127.0.0.1:${(registry.address() as AddressInfo).port}`
    })
    afterAll(() => registry?.close())

    it('is fetched by default, and used', async () => {
      const connection = await open(`${address}/team/far:3`, { docker_network: 'none', docker_commit: false })
      expect(await say(connection, 'cat /far')).toBe('from far\n'.trim())
      await connection.close({ outcome: 'done' })
      expect(asked).toContain('/v2/team/far/manifests/3')
    })

    it('is fetched again with docker_pull: always', async () => {
      await (await open(`${address}/team/far:3`, { docker_network: 'none', docker_commit: false })).close({ outcome: 'done' })
      asked.length = 0
      await (await open(`${address}/team/far:3`, { docker_network: 'none', docker_commit: false })).close({ outcome: 'done' })
      expect(asked).toEqual([])
      await (await open(`${address}/team/far:3`, { docker_network: 'none', docker_commit: false, docker_pull: 'always' })).close({ outcome: 'done' })
      expect(asked).toContain('/v2/team/far/manifests/3')
    })

    it('is an error that names both, the reason, and what to do', async () => {
      await expect(open(`${address}/team/nothing`)).rejects.toMatchObject({
        code: 'CONTAINER_MISSING',
        message: expect.stringMatching(/neither a container nor an image called 127\.0\.0\.1:\d+\/team\/nothing here, and none could be fetched\. .*not found/),
        hint: expect.stringContaining('docker ps --all'),
        details: { retry: false },
      })
      expect(asked).toContain('/v2/team/nothing/manifests/latest')
    })

    it('is not fetched with docker_pull: never', async () => {
      asked.length = 0
      await expect(open(`${address}/team/never`, { docker_pull: 'never' })).rejects.toMatchObject({ code: 'CONTAINER_MISSING', hint: expect.stringContaining('docker_pull: missing') })
      expect(asked).toEqual([])
    })

    it('is an error with docker_pull: always, when the registry has none', async () => {
      await expect(open('team/base:1', { docker_pull: 'always', docker_socket: engine.socket }).catch((error: unknown) => error)).resolves.toMatchObject({ code: 'IMAGE_PULL' })
    })
  })

  describe('a container that ends in the middle', () => {
    it('ends what was under way with an error that has the last it printed', async () => {
      await engine.docker('run', '--detach', '--interactive', '--name', 'web', '--network', 'none', 'team/base:1', 'sh', '-c', 'echo starting; echo "out of cheese" >&2; while ! [ -e /tmp/die ]; do sleep 0.05; done; exit 3')
      const context = pluginContext()
      const connection = await open('web', {}, context)
      const process = await connection.spawn(sh`echo under way; touch /tmp/die; sleep 300`)
      expect(await text(process.stdout)).toBe('under way\n')
      // The engine takes both streams down on its own, in either order.
      const gone = { message: expect.stringMatching(/^The container web ended with code 3 while chaos worked in it\. The last it printed: (starting \| out of cheese|out of cheese \| starting)$/) }
      await expect(process.exit).rejects.toMatchObject({ code: 'CONTAINER_ENDED', ...gone })
      await expect(connection.spawn(sh`echo again`)).rejects.toMatchObject({ code: 'CONNECTION_LOST', ...gone })
      await connection.close({ outcome: 'failed' })
      // The engine of chaos connects again for what is lost; it is told why not, instead of being given a container started anew.
      await expect(open('web', {}, context)).rejects.toMatchObject({ code: 'CONTAINER_ENDED', ...gone })
      expect(await containers()).toEqual(['web exited'])
    })

    it('is not replaced by another one from its image', async () => {
      const context = pluginContext()
      const connection = await open('team/base:1', {}, context)
      const process = await connection.spawn(sh`sleep 300`)
      await engine.docker('rm', '--force', ...(await list('ps', '--quiet')))
      await expect(process.exit).rejects.toMatchObject({ code: 'CONTAINER_ENDED', message: expect.stringMatching(/was removed while|ended with code 137/) })
      await connection.close({ outcome: 'failed' })
      await expect(open('team/base:1', {}, context)).rejects.toMatchObject({ code: 'CONTAINER_ENDED' })
      expect(await containers()).toEqual([])
    })

    it('is found again by the same run, and tidied up, when only the way to its engine was lost', async () => {
      const context = pluginContext()
      let cut = false
      const sockets = new Set<{ destroy(): void }>()
      const base = {
        ...here,
        async dial(to: Parameters<NonNullable<typeof here.dial>>[0]) {
          if (cut) throw new Error('the line is cut')
          const socket = await here.dial!(to)
          sockets.add(socket)
          return socket
        },
      }
      const reach = (): ReturnType<typeof openDocker> => openDocker('team/base:1', { docker_socket: engine.socket, docker_network: 'none', docker_commit: false }, context, base)
      const first = await reach()
      await say(first, 'echo mine >/srv/mine')
      const process = await first.spawn(sh`sleep 300`)
      cut = true
      for (const socket of sockets) socket.destroy()
      await expect(process.exit).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' })
      await expect(first.spawn(sh`echo again`)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
      await expect(first.close({ outcome: 'failed' })).rejects.toMatchObject({ code: 'CONTAINER_LEFT', hint: expect.stringMatching(/docker rm --force chaos-[0-9a-f]{12}$/) })
      cut = false
      const second = await reach()
      expect(await say(second, 'cat /srv/mine')).toBe('mine')
      await second.close({ outcome: 'done' })
      expect(await containers()).toEqual([])
    })
  })
})

/** A registry with one image, busybox and a file. */
async function serveImage(asked: string[]): Promise<Server> {
  const digest = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const folder = await mkdtemp(join(tmpdir(), 'chaos-registry-'))
  await engine.docker('run', '--name', 'far', '--network', 'none', 'team/base:1', 'sh', '-c', 'echo from far >/far')
  await engine.docker('export', '--output', join(folder, 'layer.tar'), 'far')
  await engine.docker('rm', 'far')
  const layer = await readFile(join(folder, 'layer.tar'))
  await rm(folder, { recursive: true })
  const config = Buffer.from(JSON.stringify({ architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [digest(layer)] } }))
  const packed = gzipSync(layer)
  const type = 'application/vnd.docker.distribution.manifest.v2+json'
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: config.length, digest: digest(config) },
      layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', size: packed.length, digest: digest(packed) }],
    }),
  )
  const blobs = new Map([config, packed].map((bytes) => [`/v2/team/far/blobs/${digest(bytes)}`, bytes]))
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path !== '/v2/') asked.push(path)
    if (path === '/v2/') return response.end('{}')
    if (path.startsWith('/v2/team/far/manifests/')) return response.setHeader('Content-Type', type).setHeader('Docker-Content-Digest', digest(manifest)).setHeader('Content-Length', manifest.length).end(request.method === 'HEAD' ? '' : manifest)
    const blob = blobs.get(path)
    if (blob) return response.end(blob)
    return response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"not found"}]}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
