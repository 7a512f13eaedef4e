import { readFileSync } from 'node:fs'
import path from 'node:path'
import { noDocker, startDocker } from '@chaos/testkit'
import type { DockerEngine } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIfStale } from '../command-line.ts'
import { lend, makeBench } from './canary/bench.ts'
import type { Bench } from './canary/bench.ts'
import { has, tracksOf } from './canary/mark.ts'
import { runWatched } from './canary/run.ts'

/** The short form is given the secrets file where the config says so. What is checked before it is live may be shown by who checks it. */
const GRANTED = `import { defineKeys, defineRole, secretText } from '@chaos/core'
import { files, server } from '@chaos/operations'
export default defineRole(function* ({ chobolo, secrets }) {
  const { validate } = chobolo.granted
  yield files.put({ path: '/root/granted', content: secretText\`\${secrets.app.password}\\n\`, mode: '0600', ...(validate && { validate }) })
  yield server.shell({ commands: 'cat >/dev/null', stdin: secrets.app.lines })
})
export const keys = defineKeys([{ granted: { validate: 'true' } }])
`

const missing = noDocker()
describe.skipIf(missing)(`a secret on its way into a container of docker${missing === undefined ? '' : ` (${missing})`}`, { timeout: 240_000 }, () => {
  let bench: Bench
  let engine: DockerEngine
  beforeAll(async () => {
    buildIfStale()
    bench = await makeBench()
    bench.desk.addPlugin('granted', { roles: { granted: './index' }, keys: { granted: './index#keys' } }, GRANTED)
    lend(bench.desk, 'containers', 'connector-docker')
    bench.desk.write('config/config.yml', `${readFileSync(path.join(bench.desk.folder, 'config/config.yml'), 'utf8')}secret_plugins: [granted]\n`)
    engine = await startDocker()
    await engine.image('busybox')
    await engine.docker('run', '--detach', '--name', 'web', '--network', 'none', 'busybox', 'sleep', '1000')
  }, 300_000)
  afterAll(async () => {
    bench.desk.remove()
    await engine.close()
  })

  it.each([
    ['that is put there', {}, ['-vvv', '--diff'], 0, ['/root/granted', '/root/made']],
    ['that who checks it shows and refuses', { validate: 'cat %s >&2; false' }, ['--json'], 1, ['/root/made']],
  ] as const)('%s is in its file alone: in no log, no event and nothing that the engine knows', async (_, granted, flags, code, files) => {
    bench.desk.write('ch-obolo.yml', JSON.stringify({
      files: [{ path: '/root/made', content: '${secret:age:app.password}', mode: '0600' }],
      granted,
      fleet: { hosts: [{ '@docker/web': { docker_socket: engine.socket } }] },
    }))
    const now = (): string => (Date.now() / 1000).toFixed(3)
    const since = now()
    const { ended, seen } = await runWatched(bench.desk, bench.mark, ['apply', '--fleet', '-sy', ...flags])
    const tracks = tracksOf(bench.mark)
    const known = await Promise.all([engine.docker('inspect', 'web'), engine.docker('events', '--since', since, '--until', now()), engine.docker('logs', 'web')])
    // Of what was done there is something in it.
    expect(known[1]).toContain('exec_start')
    const told = [...known, readFileSync(path.join(path.dirname(engine.socket), 'log'), 'utf8')].filter((text) => has(text, tracks))
    // Last: its own arguments are among the engine's events.
    const found = await engine.docker('exec', 'web', 'sh', '-c', `grep -rlF ${tracks.map((track) => `-e ${track}`).join(' ')} /root /tmp /var /etc /run /dev/shm /home 2>/dev/null || true`)
    expect([ended.code, seen, told, found.split('\n').filter(Boolean).toSorted()]).toEqual([code, [], [], files])
    await engine.docker('exec', 'web', 'rm', '-f', '/root/made', '/root/granted')
  })
})
