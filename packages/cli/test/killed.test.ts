import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'

const missing = noSshd()

describe.skipIf(missing !== undefined)(`kill -9 of a run over SSH${missing === undefined ? '' : ` (${missing})`}`, { timeout: 240_000 }, () => {
  let desk: Desk
  let sshd: Sshd
  beforeAll(buildIfStale, 300_000)
  beforeEach(async () => {
    sshd = await startSshd()
    desk = makeDesk()
    desk.addSteps()
  })
  afterEach(async () => {
    desk.remove()
    await sshd.close()
  })

  const steps = (...commands: readonly string[]): void => {
    const { host, port, key, knownHosts } = sshd
    const data = { ssh_hostname: host, ssh_port: port, ssh_user: 'root', ssh_key: key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null' }
    desk.write('ch-obolo.yml', JSON.stringify({ steps: commands, fleet: { hosts: [{ web: data }] } }))
  }
  const appears = (file: string): Promise<string> => sshd.run(`while [ ! -e ${file} ]; do sleep 0.02; done`)

  test('what had begun on the host comes to its end, what stood behind it never begins; the next run is refused by name and told of the killed one', async () => {
    // It comes to its end when the shell of the killed run has: then nobody can begin what stands behind it.
    steps(`cut -d' ' -f4 /proc/$PPID/stat >/root/shell; touch /tmp/begun; while [ ! -e /root/go ]; do sleep 0.05; done; touch /tmp/ended`, 'touch /tmp/behind')
    const { child, ended } = desk.start(['apply', 'steps', '--fleet', '-y'])
    await appears('/tmp/begun')
    child.kill('SIGKILL')
    await ended
    await sshd.run('while kill -0 "$(cat /root/shell)" 2>/dev/null; do sleep 0.05; done; touch /root/go')
    await appears('/tmp/ended')
    const id = /^run (\S+)/.exec(await sshd.run('cat /run/lock/chaos/owner'))?.[1] ?? ''

    steps('touch /tmp/next')
    const refused = await desk.chaos(['apply', 'steps', '--fleet', '-y'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(new RegExp(`\\(${id}[^]*never came to its end`))
    expect(refused.stderr + refused.stdout).toContain(`chaos unlock ${id}`)
    expect((await sshd.run('ls /tmp')).trim().split('\n')).toEqual(['begun', 'ended'])

    expect((await desk.chaos(['unlock', id, '--fleet'])).code).toBe(0)
    expect((await desk.chaos(['apply', 'steps', '--fleet', '-y'])).code).toBe(0)
    expect((await sshd.run('ls /tmp')).trim().split('\n')).toEqual(['begun', 'ended', 'next'])
  })
})
