import { connectorSuite, noPodman } from '@chaos/testkit'
import { script, secret, sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import podman from '../src/index.ts'
import { openPodman, say, startTarget } from './support.ts'
import type { Target } from './support.ts'

const reason = noPodman()
// Each command starts several programs, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })
let target: Target


/** What runs in a container, as podman sees it from outside. Its main process takes nobody in, so zombies stay. */
async function processes(name: string): Promise<string[]> {
  const table = await target.podman('top', name, 'state', 'args')
  const rows = table.trim().split('\n').slice(1).map((row) => row.trim().split(/\s+/))
  return rows.filter(([state]) => state !== 'Z').map(([, ...args]) => args.join(' '))
}

const WAYS = [
  ['a service', 'with'],
  ['its program alone', 'without'],
] as const

describe.skipIf(reason !== undefined).each(WAYS)(`@podman by %s${reason === undefined ? '' : ` (${reason})`}`, (way, tunnels) => {
  const open = (argument: string, data: Record<string, unknown> = {}): Promise<Connection> => openPodman({ base: () => target.base(tunnels) }, argument, data)

  beforeAll(async () => {
    target = await startTarget()
    await target.image('busybox')
    await target.podman('run', '--detach', '--name', 'web', '--network', 'none', 'busybox', 'sleep', '1000')
    // Nothing may be written there, and nothing but its own user may be become.
    await target.podman('run', '--detach', '--name', 'sealed', '--network', 'none', '--user', 'ana', '--read-only', '--read-only-tmpfs=false', '--cap-drop', 'ALL', 'busybox', 'sleep', '1000')
  })
  afterAll(() => target?.close())

  connectorSuite({ name: `@podman/web by ${way}`, open: () => open('web'), terminal: true, describe, it })
  connectorSuite({ name: `@podman/sealed, read-only and not root, by ${way}`, open: () => open('sealed'), terminal: true, describe, it })

  describe('what runs inside', () => {
    it.each(['web', 'sealed'])('ends with all it started when it is aborted, whatever it ignores and whoever it is (%s)', async (name) => {
      const connection = await open(name)
      const abort = new AbortController()
      const stubborn = "trap '' TERM HUP; (trap '' TERM; while :; do sleep 1; done) & (setsid sleep 777 & wait) & echo ready; while :; do sleep 1; done"
      const process = await connection.spawn(script(stubborn), { signal: abort.signal })
      await once(process.stdout, 'data')
      abort.abort()
      expect((await process.exit).code).toBe(137)
      expect(await processes(name)).toEqual(['sleep 1000'])
      await connection.close({ outcome: 'aborted' })
    })

    it('ends what another user started, on a terminal too', async () => {
      const connection = await open('web', { podman_user: 'root' })
      const abort = new AbortController()
      const process = await connection.spawn(sh`su ana -c 'echo ready; exec sleep 888'`, { signal: abort.signal, terminal: true })
      await once(process.stdout, 'data')
      abort.abort()
      await process.exit
      expect(await processes('web')).toEqual(['sleep 1000'])
      await connection.close({ outcome: 'aborted' })
    })

    it('ends by a signal as code 128 and its number, and the container goes on', async () => {
      const connection = await open('web')
      expect(await say(connection, 'kill -s KILL $$')).toBe('code 137')
      expect(await say(connection, 'echo still here')).toBe('still here')
      await connection.close({ outcome: 'done' })
    })

    it('runs as the user it is told', async () => {
      const connection = await open('web', { podman_user: 'ana' })
      expect(await say(connection, 'id -un; id -u')).toBe('ana\n1000')
      await connection.close({ outcome: 'done' })
    })

    it('refuses a command that is too long', async () => {
      const connection = await open('web')
      await expect(connection.spawn(sh`: ${'x'.repeat(200_000)}`)).rejects.toMatchObject({ code: 'SPAWN_FAILED' })
      await connection.close({ outcome: 'done' })
    })
  })

  describe('its environment', () => {
    const values = { ONE: "it's 1 \\ $HOME", TWO: secret('tw0-secret\n\nlines\r\n'), EMPTY: '', LONG: 'é☃'.repeat(5000) }

    it('is what it is given, secrets included, in addition to that of the container, and no program or file of podman holds it', async () => {
      const connection = await open('web', { podman_env: values })
      expect(await say(connection, 'printf "%s|%s|%s|%s" "$ONE" "$TWO" "${EMPTY-none}" "$PATH"')).toMatch(/^it's 1 \\ \$HOME\|tw0-secret\n\nlines\r\n\|\|\/.*bin/)
      expect(await say(connection, 'printf %s "$LONG" | md5sum')).toBe(await say(connection, `i=0; while [ $i -lt 5000 ]; do printf é☃; i=$((i+1)); done | md5sum`))
      const running = await connection.spawn(sh`echo ready; read line; echo "$line"`)
      await once(running.stdout, 'data')
      // The program in the container has it; podman, its helpers and their files do not.
      const found = await target.machine.run(
        `for each in $(pgrep -x podman; pgrep -x conmon; pgrep -x runc); do cat /proc/$each/cmdline /proc/$each/environ 2>/dev/null; done | grep -ac tw0-secret; grep -rla tw0-secret /run/chaos-podman /var/lib/containers /tmp /var/tmp 2>/dev/null; :`,
      )
      expect(found).toBe('0\n')
      running.stdin.end('mine\n')
      expect(await text(running.stdout)).toBe('mine\n')
      await connection.close({ outcome: 'done' })
    })

    it('comes on a terminal too, where nothing of it is shown and what is typed is the program’s', async () => {
      const connection = await open('web', { podman_env: values })
      const running = await connection.spawn(script('stty -g >/dev/null; echo "[$ONE]"; printf %s "$TWO" | md5sum; printf %s "$LONG" | wc -c; read line; echo "<$line>"'), { terminal: true })
      running.stdin.write('typed\n')
      const shown = await text(running.stdout)
      expect(shown).toContain("[it's 1 \\ $HOME]")
      expect(shown).toContain('<typed>')
      expect(shown).toContain('25000')
      expect(shown).not.toContain('tw0-secret')
      await connection.close({ outcome: 'done' })
    })

    it('leaves the keys to the program that by default would leave a terminal', async () => {
      const connection = await open('web')
      const running = await connection.spawn(script('stty raw -echo; echo ready; dd bs=1 count=4 2>/dev/null | od -An -tx1'), { terminal: true })
      await once(running.stdout, 'data')
      for (const key of '\u0010\u0011\u0010\u0011') running.stdin.write(key)
      expect((await text(running.stdout)).trim()).toBe('10 11 10 11')
      expect((await running.exit).code).toBe(0)
      await connection.close({ outcome: 'done' })
    })
  })

  it('needs the name of a container or an image', async () => {
    await expect(open('')).rejects.toMatchObject({ code: 'CONNECTOR_ARGUMENT' })
    expect(podman.about).toMatch(/\.$/)
  })
})
