import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildIfStale, makeDesk, until } from './command-line.ts'
import type { Desk } from './command-line.ts'

const missing = noSshd()

/** Runs shell commands that may cut us off, over the file /etc/ssh/probe. */
const RISKS = `import { defineKeys, defineOperation, defineRole, script, touch } from '@chaos/core'
const schema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }
const risk = defineOperation({
  name: 'test.risk', args: schema, action: true, title: ({ command }) => command,
  diff: ({ command }) => [{ summary: command, risk: 'access', undo: [script('touch /tmp/undone')], do: [{ run: script(command) }] }],
  touches: () => [touch.path('/etc/ssh/probe')],
})
export default defineRole(function* ({ chobolo }) {
  for (const command of chobolo.risks) yield risk({ command })
})
export const keys = defineKeys([{ risks: ['true'] }])
`

describe.skipIf(missing !== undefined)(`the access guard of the command line${missing === undefined ? '' : ` (${missing})`}`, { timeout: 240_000 }, () => {
  let desk: Desk
  let sshd: Sshd
  beforeAll(buildIfStale, 300_000)
  beforeEach(async () => {
    sshd = await startSshd({ users: { other: {} } })
    await sshd.run('echo before >/etc/ssh/probe')
    desk = makeDesk()
    desk.addPlugin('risks', { roles: { risks: './index' }, keys: { risks: './index#keys' } }, RISKS)
  })
  afterEach(async () => {
    desk.remove()
    await sshd.close()
  })

  const declare = (keys: Record<string, unknown>): void => {
    const { host, port, key, knownHosts } = sshd
    const data = { ssh_hostname: host, ssh_port: port, ssh_user: 'root', ssh_key: key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null' }
    desk.write('ch-obolo.yml', JSON.stringify({ ...keys, fleet: { hosts: [{ web: data }] } }))
  }
  const appears = (file: string): Promise<string> => sshd.run(`while [ ! -e ${file} ]; do sleep 0.02; done`)

  test('chaos that is killed between a change and its confirmation leaves a machine that takes it back', async () => {
    declare({ risks: ['echo after >/etc/ssh/probe; touch /tmp/begun; while [ ! -e /tmp/go ]; do sleep 0.05; done'] })
    const { child, ended } = desk.start(['apply', 'risks', '--fleet', '-y', '--guard', '2'])
    await appears('/tmp/begun')
    child.kill('SIGKILL')
    await ended
    expect(await sshd.run('cat /etc/ssh/probe')).toBe('after\n')
    await sshd.run('touch /tmp/go')
    await appears('/tmp/undone')
    expect(await sshd.run('cat /etc/ssh/probe')).toBe('before\n')
  })

  test('two Ctrl-C end the change, and the machine takes back what it had done', async () => {
    declare({ risks: ['echo after >/etc/ssh/probe; touch /tmp/begun; sleep 60'] })
    const { child, ended } = desk.start(['apply', 'risks', '--fleet', '-y', '--guard', '3'])
    let told = ''
    child.stderr?.on('data', (bytes: Buffer) => (told += bytes.toString()))
    await appears('/tmp/begun')
    child.kill('SIGINT')
    await until(() => told.includes('Stopping'), 'the first was heard')
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toContain('within 3 s it takes back test.risk')
    await appears('/tmp/undone')
    expect(await sshd.run('cat /etc/ssh/probe')).toBe('before\n')
  })

  test('what shut us out and what was taken back is said, and the exit code is 1', async () => {
    const config = await sshd.run('cat /etc/ssh/chaos_sshd_config')
    declare({
      files: [{ path: '/etc/ssh/chaos_sshd_config', content: `AllowUsers other\n${config}` }],
      risks: ['kill -HUP "$(cat /run/sshd.pid)"'],
    })
    await sshd.run('(sleep 1; while [ ! -e /tmp/undone ]; do sleep 0.05; done; kill -HUP "$(cat /run/sshd.pid)") >/dev/null 2>&1 &')
    const { code, stdout, stderr } = await desk.chaos(['apply', 'files', 'risks', '--fleet', '-y', '--guard', '60'])
    expect([code, stdout]).toEqual([1, expect.stringContaining('may cut off your own access')])
    expect(stderr).toMatch(/⚠ web · no new connection gets in: .*does not let root in\n.*taking back files\.put[^]*↶ restored \/etc\/ssh\/chaos_sshd_config\n {2}↶ ran touch \/tmp\/undone\n {2}✔ a new connection gets in again/)
    expect(stderr).toMatch(/✖ web · files · .*no new connection to web got in \(.*does not let root in\), so taken back there: .*A new connection gets in again\./)
    declare({ risks: ['true'] })
    const good = await desk.chaos(['apply', 'risks', '--fleet', '-y'])
    expect([good.code, good.stderr]).toEqual([0, expect.stringMatching(/✔ web · access confirmed over a new connection \d+/)])
  })
})
