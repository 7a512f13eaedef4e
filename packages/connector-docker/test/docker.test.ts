import { connectorSuite, noDocker, startDocker } from '@chaos/testkit'
import type { DockerEngine } from '@chaos/testkit'
import { script, secret, sh } from '@chaos/core'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import docker from '../src/index.ts'
import { openDocker, say } from './support.ts'

const reason = noDocker()
let engine: DockerEngine

const open = (argument: string, data: Record<string, unknown> = {}): ReturnType<typeof openDocker> => openDocker(argument, { docker_socket: engine.socket, ...data })

describe.skipIf(reason !== undefined)(`@docker${reason === undefined ? '' : ` (${reason})`}`, () => {
  beforeAll(async () => {
    engine = await startDocker()
    await engine.image('busybox')
    await engine.docker('run', '--detach', '--name', 'web', '--network', 'none', 'busybox', 'sleep', '1000')
    // Nothing may be written there, and nothing but its own user may be become.
    await engine.docker('run', '--detach', '--name', 'sealed', '--network', 'none', '--user', 'ana', '--read-only', '--cap-drop', 'ALL', 'busybox', 'sleep', '1000')
  })
  afterAll(() => engine?.close())

  connectorSuite({ name: '@docker/web', open: () => open('web'), terminal: true, describe, it })
  connectorSuite({ name: '@docker/sealed, read-only and not root', open: () => open('sealed'), terminal: true, describe, it })

  describe('what runs inside', () => {
    it.each(['web', 'sealed'])('ends with all it started when it is aborted, whatever it ignores and whoever it is (%s)', async (name) => {
      const connection = await open(name)
      const abort = new AbortController()
      const stubborn = "trap '' TERM HUP; (trap '' TERM; while :; do sleep 1; done) & (setsid sleep 777 & wait) & echo ready; while :; do sleep 1; done"
      const process = await connection.spawn(script(stubborn), { signal: abort.signal })
      await once(process.stdout, 'data')
      abort.abort()
      expect((await process.exit).code).toBe(137)
      // The engine's own table, seen from outside: the container's main process is all there is.
      const table = await engine.docker('top', name, '-o', 'pid,args')
      expect(table.trim().split('\n').slice(1).map((line) => line.replace(/^ *\d+ +/, ''))).toEqual(['sleep 1000'])
      await connection.close({ outcome: 'aborted' })
    })

    it('ends what another user started, on a terminal too', async () => {
      const connection = await open('web', { docker_user: 'root' })
      const abort = new AbortController()
      const process = await connection.spawn(sh`su ana -c 'echo ready; exec sleep 888'`, { signal: abort.signal, terminal: true })
      await once(process.stdout, 'data')
      abort.abort()
      await process.exit
      expect(await engine.docker('top', 'web', '-o', 'pid,args')).not.toContain('888')
      await connection.close({ outcome: 'aborted' })
    })

    it('ends by a signal as code 128 and its number, and the container goes on', async () => {
      const connection = await open('web')
      expect(await say(connection, 'kill -s KILL $$')).toBe('code 137')
      expect(await say(connection, 'echo still here')).toBe('still here')
      await connection.close({ outcome: 'done' })
    })

    it('may leave a daemon behind', async () => {
      const connection = await open('web')
      await say(connection, 'setsid sh -c "sleep 999 & exit" >/dev/null 2>&1 </dev/null')
      await connection.close({ outcome: 'done' })
      expect(await engine.docker('top', 'web', '-o', 'pid,args')).toContain('sleep 999')
      await engine.docker('exec', 'web', 'killall', 'sleep')
    })

    it('has the environment it is given, secrets included, in addition to that of the container', async () => {
      const connection = await open('web', { docker_env: { ONE: "it's 1", TWO: secret('tw0-secret\nlines') } })
      expect(await say(connection, 'echo "$ONE $TWO $PATH"')).toMatch(/^it's 1 tw0-secret\nlines \/.*bin/)
      expect(await engine.docker('inspect', 'web')).not.toContain('tw0-secret')
      expect(await engine.docker('top', 'web', '-o', 'pid,args')).not.toContain('tw0-secret')
      await connection.close({ outcome: 'done' })
    })

    it('runs as the user it is told', async () => {
      const connection = await open('web', { docker_user: 'ana' })
      expect(await say(connection, 'id -un; id -g')).toBe('ana\n1000')
      await connection.close({ outcome: 'done' })
    })

    it('keeps what a shell complains about before its first command', async () => {
      const connection = await open('web')
      const process = await connection.spawn(sh`echo first >&2; echo second >&2`)
      process.stdin.end()
      expect(await text(process.stderr)).toBe('first\nsecond\n')
      await connection.close({ outcome: 'done' })
    })

    it('refuses a command that is too long', async () => {
      const connection = await open('web')
      await expect(connection.spawn(sh`: ${'x'.repeat(200_000)}`)).rejects.toMatchObject({ code: 'SPAWN_FAILED' })
      await connection.close({ outcome: 'done' })
    })

    it('waits for a program that closes its output before it ends', async () => {
      const connection = await open('web')
      expect(await say(connection, 'exec >&- 2>&-; sleep 0.5; exit 7')).toBe('code 7')
      await connection.close({ outcome: 'done' })
    })
  })

  it('needs the name of a container or an image', async () => {
    await expect(open('')).rejects.toMatchObject({ code: 'CONNECTOR_ARGUMENT' })
    expect(docker.about).toMatch(/\.$/)
  })

  it('says that an engine cannot be reached, where, and what to do', async () => {
    await expect(openDocker('web', { docker_socket: '/nowhere/docker.sock' })).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      message: expect.stringContaining('The Docker engine at /nowhere/docker.sock cannot be reached'),
      hint: expect.stringContaining('DOCKER_HOST'),
    })
  })
})
