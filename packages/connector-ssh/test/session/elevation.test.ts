import { existsSync } from 'node:fs'
import { script } from '@chaos/core'
import type { Elevation } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { MachineUser, Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Session } from '../../../engine/src/session/index.ts'
import { closeLogins, login, troubleOf } from './login.ts'

const missing = ['sudo', 'doas', 'su', 'busybox', 'tcsh', 'fish'].filter((program) => !existsSync(`/usr/bin/${program}`))
const reason = noSshd() ?? (missing.length > 0 ? `needs ${missing.join(', ')}` : undefined)

const PASSWORDS: Readonly<Record<string, string>> = { root: `of "root"`, ask: `it's \\ $HOME`, needy: 'of needy', pty: 'of pty', both: 'of both', outsider: 'of outsider', app: 'of app', csh: 'of csh', fish: 'of fish' }
const SUDOERS = `Defaults timestamp_timeout=0
Defaults:needy requiretty
Defaults:pty use_pty
Defaults:both requiretty, use_pty, pwfeedback, lecture=always
Defaults:csh requiretty
ask ALL=(ALL) ALL
needy ALL=(ALL) ALL
pty ALL=(ALL) ALL
both ALL=(ALL) ALL
csh ALL=(ALL) ALL
fish ALL=(ALL) ALL
free ALL=(ALL) NOPASSWD: ALL
`
const DOAS = `permit ask
permit nopass free
permit both as app
permit fish
`
/** As most users are that are there for a program, and as some like it: in front of every answer stands what their files print. */
const SHELLS: Readonly<Record<string, MachineUser>> = {
  service: { shell: '/usr/sbin/nologin' },
  csh: { shell: '/usr/bin/tcsh', files: { '.cshrc': 'echo "Password: "; sh -c "echo noise >&2"\n' } },
  fish: { shell: '/usr/bin/fish', files: { '.config/fish/config.fish': 'echo "Password: "; echo noise >&2\n' } },
}

describe.skipIf(reason !== undefined).each(['ssh2', 'openssh'] as const)(`elevation by %s${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, (transport) => {
  let sshd: Sshd

  beforeAll(async () => {
    const names = ['ask', 'needy', 'pty', 'both', 'free', 'outsider', 'app', 'web', 'service', 'csh', 'fish']
    sshd = await startSshd({
      users: Object.fromEntries(names.map((name) => [name, { ...SHELLS[name], ...(name in PASSWORDS ? { password: PASSWORDS[name] as string } : {}) }])),
      rootPassword: PASSWORDS.root as string,
      sudoers: SUDOERS,
      doas: DOAS,
    })
    // What PAM and su tell the system's log.
    await sshd.run('busybox syslogd -O /var/log/auth.log; until [ -e /dev/log ]; do sleep 0.01; done')
  })
  afterEach(closeLogins)
  afterAll(() => sshd?.close())

  const WHO = 'id -un; echo err >&2; cat; exit 3'
  const cases: readonly (readonly [string, string, Elevation, string])[] = [
    ['sudo with a password', 'ask', { sudo: true }, 'root'],
    ['sudo with a password, as another', 'ask', { sudoUser: 'app' }, 'app'],
    ['sudo without a password', 'free', { sudo: true }, 'root'],
    ['sudo without a password, as another', 'free', { sudoUser: 'app' }, 'app'],
    ['sudo that wants a terminal', 'needy', { sudo: true }, 'root'],
    ['sudo that gives a terminal of its own', 'pty', { sudo: true }, 'root'],
    ['sudo that does both', 'both', { sudo: true }, 'root'],
    ['sudo that does both, as another', 'both', { sudoUser: 'app' }, 'app'],
    ['doas with a password', 'ask', { doas: true }, 'root'],
    ['doas with a password, as another', 'both', { doas: 'app' }, 'app'],
    ['doas without a password', 'free', { doas: true }, 'root'],
    ['doas without a password, as another', 'free', { doas: 'web' }, 'web'],
    ['sudo, as one who cannot log in', 'free', { sudoUser: 'service' }, 'service'],
    ['doas, as one who cannot log in', 'free', { doas: 'service' }, 'service'],
    ['sudo that wants a terminal, of csh', 'csh', { sudo: true }, 'root'],
    ['sudo, of fish', 'fish', { sudoUser: 'app' }, 'app'],
    ['doas, of fish', 'fish', { doas: true }, 'root'],
    ['su, of csh', 'csh', { su: true }, 'root'],
    ['su', 'outsider', { su: true }, 'root'],
    ['su, as another', 'outsider', { su: 'app' }, 'app'],
  ]
  it.each(cases)('%s', async (_, user, as, who) => {
    const free = user === 'free'
    const { run, asked } = await login(sshd, user, { transport, password: ({ su }) => PASSWORDS[su === undefined ? user : who] })
    expect(await run(WHO, as)).toEqual([3, `${who}\n`, 'err\n'])
    // Large and binary, both ways, and again: the password is asked for once.
    expect(await run('head -c 3000000 /dev/zero | wc -c', as)).toEqual([0, '3000000\n', ''])
    expect(await run('echo "$PATH" | grep -c sbin; pwd', as)).toEqual([0, expect.stringMatching(/^1\n\//), ''])
    expect(asked()).toBe(free ? 0 : 1)
  })

  it.each([['sudo', 'ask', { sudo: true }], ['sudo on a terminal', 'both', { sudo: true }], ['doas', 'ask', { doas: true }], ['su', 'outsider', { su: true }]] as const)(
    'a wrong password for %s is tried once, and is one clear error',
    async (name, user, as) => {
      await sshd.run(': >/var/log/auth.log')
      const { run, asked } = await login(sshd, user, { transport, password: () => 'wrong-canary' })
      const [program = ''] = name.split(' ')
      const error = await troubleOf(run('id', as))
      expect(error).toMatchObject({ code: 'ELEVATION_PASSWORD', message: `The password for ${program} on web is wrong.`, host: 'web' })
      expect(JSON.stringify([error, (error as Error).message])).not.toContain('wrong-canary')
      expect(asked()).toBe(1)
      const failures = (await sshd.run('cat /var/log/auth.log')).split('\n').filter((line) => line.includes('authentication failure'))
      expect(failures).toEqual([expect.stringMatching(new RegExp(`${program}:auth.*ruser=${user}`))])
    },
  )

  it('users who share a password ask for it once, and a wrong one is tried once, also by those who come at the same time or later', async () => {
    const everyone: readonly Elevation[] = [{ sudo: true }, { sudoUser: 'app' }, { sudoUser: 'web' }, { doas: true }]
    const right = await login(sshd, 'ask', { transport, password: () => PASSWORDS.ask })
    expect(await meeting(right.session, everyone)).toEqual(['root\n', 'app\n', 'web\n', 'root\n'])
    // One's own, once for sudo and once for doas.
    expect(right.asked()).toBe(2)
    await sshd.run(': >/var/log/auth.log')
    const wrong = await login(sshd, 'ask', { transport, password: () => 'canary' })
    const troubles = await Promise.all(everyone.slice(0, 3).map((as) => troubleOf(wrong.run('id', as))))
    expect([...troubles, await troubleOf(wrong.run('id', { sudo: true }))]).toEqual(Array(4).fill(expect.objectContaining({ code: 'ELEVATION_PASSWORD' })))
    expect((await sshd.run('cat /var/log/auth.log')).match(/authentication failure/g)).toHaveLength(1)
  })

  it.each([
    ['sudo', 'ask', { sudo: true }],
    ['sudo on a terminal', 'both', { sudoUser: 'app' }],
    ['doas', 'ask', { doas: true }],
    ['su', 'outsider', { su: true }],
  ] as const)('%s ends with the session, and what it started with it', async (_, user, as) => {
    const { session, run } = await login(sshd, user, { transport, password: () => PASSWORDS['su' in as ? 'root' : user] })
    await run('rm -f /tmp/begun', as)
    const running = troubleOf(run('touch /tmp/begun; sleep 4327', as))
    await vi.waitFor(async () => expect(await sshd.run('ls /tmp')).toContain('begun'), 20_000)
    await session.close('aborted')
    expect(await running).toMatchObject({ message: expect.stringContaining('"state":"ended"') as string })
    await vi.waitFor(async () => expect(await sshd.run('ps -eo args= | grep -E "sleep [4]327|^(sudo|doas|su) " || :')).toBe(''), 20_000)
    expect(await sshd.run('rm /tmp/begun; ls -A /dev/shm; ls -d /tmp/chaos* 2>/dev/null || :')).toBe('')
  })

  it('says who may not, who needs a password, and what is not there', async () => {
    const outsider = await login(sshd, 'outsider', { transport, password: () => PASSWORDS.outsider })
    expect(await troubleOf(outsider.run('id', { sudo: true }))).toMatchObject({ code: 'ELEVATION_REFUSED', message: expect.stringContaining('outsider is not in the sudoers file') as string })
    expect(await troubleOf(outsider.run('id', { doas: true }))).toMatchObject({ code: 'ELEVATION_REFUSED', message: expect.stringContaining('not permitted') as string })
    const ask = await login(sshd, 'ask', { transport })
    for (const as of [{ sudo: true }, { doas: true }, { su: true }]) expect(await troubleOf(ask.run('id', as))).toMatchObject({ code: 'ELEVATION_NEEDS_PASSWORD' })
    expect(await ask.run('id -un')).toEqual([0, 'ask\n', ''])
  })

  it('says that sudo is not there', async () => {
    await sshd.run('mv /usr/bin/sudo /usr/bin/sudo-away')
    const { run } = await login(sshd, 'ask', { transport, password: () => PASSWORDS.ask })
    expect(await troubleOf(run('id', { sudo: true }))).toMatchObject({ code: 'ELEVATION_MISSING', message: 'sudo is not installed on web.' })
    await sshd.run('mv /usr/bin/sudo-away /usr/bin/sudo')
  })

  it('several users work side by side on one connection', async () => {
    const before = await sshd.connections()
    const { session } = await login(sshd, 'free', { transport })
    const everyone: readonly Elevation[] = [{}, { sudo: true }, { sudoUser: 'app' }, { doas: 'web' }]
    expect(await meeting(session, everyone)).toEqual(['free\n', 'root\n', 'app\n', 'web\n'])
    expect([(await sshd.connections()) - before, session.exchanges]).toEqual([1, 1])
    // sshd has few channels on a connection, so that one more takes another.
    expect(await meeting(session, [...everyone, { sudoUser: 'pty' }])).toEqual(['free\n', 'root\n', 'app\n', 'web\n', 'pty\n'])
    expect([(await sshd.connections()) - before, session.exchanges]).toEqual([2, 2])
  })
})

let meetings = 0

/** What several users say at once: each waits for all the others, so that none can come after another. */
async function meeting(session: Session, everyone: readonly Elevation[]): Promise<unknown[]> {
  meetings += 1
  const at = `/tmp/met-${meetings}-`
  const command = script(`touch ${at}$(id -un)-$$; while [ "$(ls -d ${at}* | wc -l)" -lt ${everyone.length} ]; do sleep 0.01; done; id -un`)
  const answers = await session.exchange(everyone.map((as) => ({ as, parts: [{ kind: 'command', command }] })))
  return answers.map(([part]) => part?.state === 'done' && Buffer.from(part.stdout).toString())
}
