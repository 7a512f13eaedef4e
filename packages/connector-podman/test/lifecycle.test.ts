import { noPodman, pluginContext } from '@chaos/testkit'
import { sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import podman from '../src/index.ts'
import { openPodman, say, startTarget } from './support.ts'
import type { Context, Target } from './support.ts'

const reason = noPodman()
// Each command starts several programs, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })
let target: Target
let images: readonly string[]

const open = (argument: string, data: Record<string, unknown> = {}, context?: Context): Promise<Connection> =>
  openPodman(target, argument, { ...(argument.startsWith('team/') ? { podman_network: 'none' } : {}), ...data }, context)

const list = async (...args: readonly string[]): Promise<string[]> => (await target.podman(...args)).split('\n').filter(Boolean).toSorted()
const containers = async (): Promise<string[]> =>
  (JSON.parse(await target.podman('ps', '--all', '--format', 'json')) as { Names: string[]; State: string }[]).map(({ Names, State }) => `${Names.join()} ${State}`)
const allImages = (): Promise<string[]> => list('images', '--all', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}')
const create = (...args: readonly string[]): Promise<string> => target.podman(...args, '--name', 'web', '--network', 'none', '--stop-signal', 'KILL', 'team/base:1', 'sleep', '1000')

interface Inspected {
  readonly Id: string
  readonly ManifestType: string
  readonly Config: Readonly<Record<string, unknown>>
}
const inspect = async (image: string): Promise<Inspected> => (JSON.parse(await target.podman('image', 'inspect', image)) as [Inspected])[0]

describe.skipIf(reason !== undefined)(`containers and images of podman${reason === undefined ? '' : ` (${reason})`}`, () => {
  beforeAll(async () => {
    target = await startTarget()
    await target.image('team/base:1')
    await target.image('team/odd:1', {
      changes: ['USER ana', 'ENTRYPOINT ["/bin/false"]', 'CMD ["--serve", "it\'s \\"here\\" $HOME"]', 'WORKDIR /srv', 'ENV KEPT=yes', 'LABEL kind=odd'],
      without: ['tail', 'sleep', 'cat'],
    })
    await target.image('team/empty:1', { without: ['sh'] })
    images = await allImages()
  })
  afterEach(async () => {
    await target.podman('rm', '--all', '--force', '--time', '0')
    const made = (await allImages()).filter((line) => !images.includes(line)).map((line) => line.split(' ')[1] as string)
    if (made.length > 0) await target.podman('rmi', '--force', ...made)
  })
  afterAll(() => target?.close())

  it('a container that is there is used as it is and left as it was, by name and by id', async () => {
    const id = (await create('run', '--detach')).trim()
    for (const [reference, outcome] of [['web', 'done'], [id, 'failed'], [id.slice(0, 12), 'aborted']] as const) {
      const context = pluginContext()
      const connection = await open(reference, { podman_commit: 'never:made' }, context)
      expect(await say(connection, 'echo x >>/srv/x; wc -l </srv/x')).toMatch(/^\d$/)
      await connection.close({ outcome })
      expect(context.reports).toEqual([])
    }
    expect(await containers()).toEqual(['web running'])
    expect(await target.podman('exec', 'web', 'wc', '-l', '/srv/x')).toContain('3')
    expect(await allImages()).toEqual(images)
    await expect(open(id.slice(0, 5), { podman_pull: 'never' })).rejects.toMatchObject({ code: 'CONTAINER_MISSING' })
  })

  it.each([
    [{}, 'exited'],
    [{ podman_keep_running: true }, 'running'],
  ])('a container that was stopped is started, and with %j it is %s afterwards', async (data, state) => {
    await create('create')
    const connection = await open('web', data)
    expect(await containers()).toEqual(['web running'])
    await connection.close({ outcome: 'done' })
    expect(await containers()).toEqual([`web ${state}`])
  })

  it('a container that is paused is an error that says what to do by podman', async () => {
    await create('run', '--detach')
    await target.podman('pause', 'web')
    await expect(open('web')).rejects.toMatchObject({ code: 'CONTAINER_PAUSED', hint: 'Let it go on: podman unpause web.' })
    await target.podman('unpause', 'web')
  })

  it('an image is started, committed under the name that is given, and its container is gone', async () => {
    const context = pluginContext()
    const connection = await open('team/base:1', { podman_commit: 'team/made:2' }, context)
    await say(connection, 'echo hello >/srv/page')
    await connection.close({ outcome: 'done' })
    expect(await containers()).toEqual([])
    const { Id } = await inspect('team/made:2')
    expect(context.reports).toEqual([{ key: 'image', value: Id, text: `What was made of team/base:1 is the image team/made:2 (${Id.slice(0, 12)}).` }])
    expect(await target.podman('run', '--rm', '--network', 'none', 'team/made:2', 'cat', '/srv/page')).toBe('hello\n')
  })

  it('an image of any entrypoint, user and programs is started, and the image made of it starts what it did', async () => {
    const connection = await open('team/odd:1', { podman_commit: 'team/odd:2', podman_env: { TOKEN: 'hidden' } })
    expect(await say(connection, 'id -un; pwd; echo $KEPT $TOKEN; echo made >/tmp/made')).toBe('ana\n/srv\nyes hidden')
    await connection.close({ outcome: 'done' })
    const [before, after] = [await inspect('team/odd:1'), await inspect('team/odd:2')]
    for (const key of ['User', 'Entrypoint', 'Cmd', 'WorkingDir', 'OpenStdin', 'Tty', 'Volumes', 'ExposedPorts']) {
      expect([key, after.Config[key] ?? null]).toEqual([key, before.Config[key] ?? null])
    }
    expect([after.Config['Env'], after.Config['Labels'], after.ManifestType]).toEqual([
      expect.arrayContaining(before.Config['Env'] as string[]),
      expect.objectContaining(before.Config['Labels']),
      before.ManifestType,
    ])
    expect(JSON.stringify(after)).not.toContain('hidden')
  })

  it('an image without podman_commit becomes one without a name, whose id is reported', async () => {
    const context = pluginContext()
    await (await open('team/base:1', {}, context)).close({ outcome: 'done' })
    const made = (await allImages()).filter((line) => !images.includes(line))
    expect(made).toEqual([`<none>:<none> sha256:${context.reports[0]?.value}`])
  })

  it.each([
    ['done', { podman_commit: false }],
    ['failed', { podman_commit: 'team/made:2' }],
    ['aborted', {}],
    ['dry', { podman_commit: 'team/made:2' }],
  ] as const)('an image is not committed when the run is %s with %j, and leaves no container', async (outcome, data) => {
    const context = pluginContext()
    const connection = await open('team/base:1', data, context)
    const process = await connection.spawn(sh`sleep 300`)
    await connection.close({ outcome })
    expect((await process.exit.catch(() => ({ code: 1 }))).code).not.toBe(0)
    expect([await containers(), await allImages(), context.reports]).toEqual([[], images, []])
  })

  it('an image is started with network, volumes, platform and user as they are given', async () => {
    const data = { podman_network: 'host', podman_volumes: ['/proc/version:/srv/outside:ro'], podman_user: '1000:1000', podman_platform: 'linux/amd64', podman_commit: false }
    const connection = await open('team/base:1', data)
    const [name = ''] = await list('ps', '--format', '{{.Names}}')
    expect(await target.podman('inspect', '--format', '{{.HostConfig.NetworkMode}} {{.Config.Tty}}', name)).toBe('host false\n')
    expect(await say(connection, 'id -u; id -g; cat /srv/outside >/dev/null && echo mounted; echo x 2>/dev/null >/srv/outside || echo read-only')).toBe('1000\n1000\nmounted\nread-only')
    await connection.close({ outcome: 'done' })
  })

  it.each([
    ['team/empty:1', {}, { code: 'CONTAINER_SHELL', message: 'The image team/empty:1 has no /bin/sh, so nothing can be run in it.' }],
    ['team/base:1', { podman_network: 'nosuch' }, { code: 'CONTAINER_START', message: expect.stringContaining('nosuch'), hint: expect.stringContaining('podman run') }],
    ['team/nothing:1', { podman_pull: 'never' }, { code: 'CONTAINER_MISSING', hint: expect.stringContaining('podman_pull: missing') }],
    ['127.0.0.1:1/team/nothing', {}, { code: 'CONTAINER_MISSING', message: expect.stringMatching(/could be fetched.*refused/s) }],
    ['127.0.0.1:1/team/nothing', { podman_pull: 'always' }, { code: 'IMAGE_PULL', hint: expect.stringContaining('podman pull') }],
  ])('%s with %j is an error that says why, and leaves no container', async (image, data, error) => {
    await expect(open(image, data)).rejects.toMatchObject(error)
    expect(await containers()).toEqual([])
  })

  it('is looked for where podman_root and podman_runroot say', async () => {
    const elsewhere = ['--root', '/run/other/root', '--runroot', '/run/other/run']
    await target.machine.run(`mkdir /tmp/x; cp -a /bin/busybox /tmp/x/sh; tar -C /tmp/x --transform 's,^,bin/,' -c sh | podman ${elsewhere.join(' ')} import --quiet - only/there`)
    await expect(open('only/there', { podman_pull: 'never' })).rejects.toMatchObject({ code: 'CONTAINER_MISSING' })
    const connection = await open('only/there', { podman_root: '/run/other/root', podman_runroot: '/run/other/run', podman_commit: false, podman_network: 'none' })
    expect(await say(connection, 'echo here')).toBe('here')
    await connection.close({ outcome: 'done' })
    expect(await target.podman(...elsewhere, 'ps', '--all', '--quiet')).toBe('')
  })

  it('is reached through a service of podman, at podman_url', async () => {
    await create('run', '--detach')
    // It has a file before it listens (flag 00010000).
    await target.machine.run('podman system service --time 0 unix:///run/service.sock >/dev/null 2>&1 & echo $! >/run/service.pid; until grep -q " 00010000 .* /run/service.sock$" /proc/net/unix; do sleep 0.05; done')
    for (const name of ['web', 'team/base:1']) {
      const connection = await open(name, { podman_url: 'unix:///run/service.sock', podman_env: { ONE: '1' }, podman_commit: 'team/made:3' })
      expect(await say(connection, 'read line; echo "[$line] $ONE"; echo err >&2; exit 3')).toBe('[] 1\nerr\ncode 3')
      await connection.close({ outcome: 'done' })
    }
    expect(await containers()).toEqual(['web running'])
    expect((await allImages()).filter((line) => !images.includes(line))).toEqual([expect.stringContaining('team/made:3')])
    await target.machine.run('kill "$(cat /run/service.pid)"')
    await expect(open('web', { podman_url: 'unix:///run/nothing.sock' })).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE', hint: expect.stringContaining('podman_url') })
  })

  it('says that there is no podman, and where', async () => {
    const { base, ...others } = target
    const without: Target = {
      ...others,
      async base() {
        const here = await base()
        return { ...here, spawn: (command, options) => here.spawn(sh`PATH=/nowhere; ${command}`, options) }
      },
    }
    await expect(openPodman(without, 'web')).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE', message: expect.stringMatching(/^Podman of this machine cannot be used: .*not found/) })
  })
})

describe('the data of @podman', () => {
  it.each([
    [{ podman_url: 'ssh://root@far/run/podman.sock' }, '@ssh/HOST/@podman/NAME'],
    [{ podman_url: 'unix:///run/x.sock', podman_root: '/srv/podman' }, 'podman_root'],
    [{ podman_root: 'relative' }, 'absolute'],
    [{ podman_commit: 'Upper:1' }, 'small letters'],
    [{ podman_socket: '/x' }, 'podman_socket'],
  ])('%j is refused, with the reason', async (given, why) => {
    const { issues } = await podman.data!['~standard'].validate(given)
    expect(JSON.stringify(issues)).toContain(why)
  })
})
