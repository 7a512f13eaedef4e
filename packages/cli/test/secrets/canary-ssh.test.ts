import { spawnSync } from 'node:child_process'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIfStale, until } from '../command-line.ts'
import { makeBench } from './canary/bench.ts'
import type { Bench } from './canary/bench.ts'
import { tracksOf } from './canary/mark.ts'
import { runWatched } from './canary/run.ts'
import type { CanaryOptions, Seen } from './canary/run.ts'

const missing = noSshd()
const SHELLS = ['bash', 'zsh', 'fish'].flatMap((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim() || [])

describe.skipIf(missing !== undefined)(`a secret on its way over SSH${missing === undefined ? '' : ` (${missing})`}`, { timeout: 240_000 }, () => {
  let bench: Bench
  let sshd: Sshd
  beforeAll(async () => {
    buildIfStale()
    bench = await makeBench('login: MARK-password\nhash: $6$salt$MARK\n')
    const history = { '.bashrc': 'HISTFILE=~/.history\nset -o history\n', '.zshenv': 'HISTFILE=~/.history\nSAVEHIST=100\nHISTSIZE=100\nsetopt INC_APPEND_HISTORY\n' }
    const users = Object.fromEntries(SHELLS.map((shell, index) => [`user${index}`, { shell, password: `${bench.mark}-password`, files: history }]))
    sshd = await startSshd({ users, sudoers: 'ALL ALL=(ALL) ALL\n', config: 'LogLevel DEBUG3\nPasswordAuthentication yes' })
    await sshd.run('mkdir -m 777 /small && mount -t tmpfs -o size=64k,mode=777 none /small')
  }, 300_000)
  afterAll(async () => {
    bench.desk.remove()
    await sshd.close()
  })

  /** The fleet is one user's login; what is not said stands in no file of ssh. */
  function chobolo(content: object, data: object): void {
    const { host, port, key, knownHosts } = sshd
    const login = { ssh_hostname: host, ssh_port: port, ssh_user: 'user0', ssh_key: key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null' }
    bench.desk.write('ch-obolo.yml', JSON.stringify({ ...content, fleet: { hosts: [{ web: { ...login, ...data } }] } }))
  }

  /** Runs it, and looks for the mark here and on the machine: its files, its logs, the histories of its shells. */
  async function apply(flags: readonly string[], options: CanaryOptions = {}): Promise<Seen> {
    const { ended, seen } = await runWatched(bench.desk, bench.mark, ['apply', '--fleet', '-y', ...flags], { stdin: `${bench.mark}-password\n`, ...options })
    const patterns = tracksOf(bench.mark).map((track) => `-e ${track}`).join(' ')
    const found = (await sshd.run(`grep -rlaF ${patterns} /etc /home /root /tmp /var/tmp /var/log /var/lib/chaos /run /small /dev/shm 2>/dev/null || true`)).split('\n').filter(Boolean)
    // bob's hash is there by right.
    return { ended, seen: [...seen, ...found.filter((file) => !/^\/etc\/shadow-?$/.test(file)), ...(tracksOf(bench.mark).some((track) => sshd.log().includes(track)) ? ['the log of sshd'] : [])] }
  }

  const content = {
    files: [{ path: '/etc/canary', content: '${secret:age:app.password}', mode: '0600', sudo: true }, { path: '/tmp/canary', content: '${secret:age:app.lines}', mode: '0600' }],
    notes: { command: 'cat >/dev/null', text: '${secret:age:app.lines}' },
    users: [{ name: 'bob', password: '${secret:age:hash}' }],
  }

  it.each(SHELLS.flatMap((shell, index) => (index === 0 ? ['ssh2', 'openssh'] : [index === 1 ? 'openssh' : 'ssh2']).map((transport) => [transport, shell, index] as const)))(
    'through %s to a login with %s, with its password for sudo',
    async (transport, _, index) => {
      chobolo(content, { ssh_transport: transport, ssh_user: `user${index}`, ssh_key: undefined, ssh_password: '${secret:age:login}' })
      const { ended, seen } = await apply(['--sudo-password-stdin', ...(index === 0 ? ['-vvv', '--diff'] : ['--json'])])
      expect([ended.code, ended.stderr.includes('✖'), seen.toSorted()]).toEqual([0, false, ['/etc/canary', '/tmp/canary']])
      expect(await sshd.run('cat /etc/canary; grep ^bob: /etc/shadow; rm /etc/canary /tmp/canary; userdel bob; rm -f /etc/shadow-')).toContain(bench.password)
    },
  )

  it('that is not the password for sudo', async () => {
    chobolo(content, {})
    const { ended, seen } = await apply(['--sudo-password-stdin', '-vvv'], { stdin: `not-${bench.mark}\n` })
    expect([ended.code, ended.stdout, seen]).toEqual([1, expect.stringMatching(/sudo.*password|password.*sudo/), []])
  })

  it('to a disk that is full, of which nothing is left there', async () => {
    chobolo({ files: [{ path: '/small/canary', content: `\${secret:age:app.password}${'x'.repeat(100_000)}`, mode: '0600' }] }, {})
    const { ended, seen } = await apply(['-vvv'])
    expect([ended.code, ended.stderr, seen]).toEqual([1, expect.stringMatching(/disk is full/), []])
  })

  const WAITING = 'cat >/dev/null; touch /tmp/begun; sleep 1; while [ ! -e /tmp/go ]; do sleep 0.05; done'
  const begun = async (): Promise<void> => void (await sshd.run('while [ ! -e /tmp/begun ]; do sleep 0.02; done'))

  it.each<[string, number | null, (child: Parameters<NonNullable<CanaryOptions['meanwhile']>>[0]) => Promise<void>]>([
    ['whose connection is lost', 1, async () => {
      await sshd.stop({ connections: true })
    }],
    ['of a run that is interrupted', 130, async (child) => {
      const told = heard(child, 'Stopping')
      child.kill('SIGINT')
      await told
      await sshd.run('touch /tmp/go')
    }],
    ['of a run that is interrupted twice', 130, async (child) => {
      const told = heard(child, 'Stopping')
      child.kill('SIGINT')
      await told
      child.kill('SIGINT')
    }],
    ['of a run that is killed', null, async (child) => {
      child.kill('SIGKILL')
      await sshd.run('touch /tmp/go')
    }],
  ])('%s in the middle of a change', async (_, code, meanwhile) => {
    await sshd.start()
    chobolo({ notes: { command: WAITING, text: '${secret:age:app.lines}' }, files: [{ path: '/tmp/after', content: '${secret:age:app.password}' }] }, { ssh_connect_retries: 0 })
    const { ended, seen } = await apply(['-vvv', 'noter', 'files'], {
      meanwhile: async (child) => {
        await begun()
        await meanwhile(child)
      },
    })
    expect([ended.code, seen]).toEqual([code, []])
    await sshd.run('rm -rf /tmp/begun /tmp/go /run/lock/chaos /home/*/.local/state/chaos/lock')
  })
})

/** Resolves when chaos told it on stderr. */
async function heard(child: Parameters<NonNullable<CanaryOptions['meanwhile']>>[0], text: string): Promise<void> {
  let told = ''
  child.stderr?.on('data', (bytes: Buffer) => (told += bytes.toString()))
  await until(() => told.includes(text), `${text} is told`)
}
