import { existsSync } from 'node:fs'
import { sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { MachineUser, Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { closeLogins, login, troubleOf } from './login.ts'

const reason = noSshd()
const absent = (program: string): string => (existsSync(program) ? '' : ` (no ${program} here)`)
const SLEEP = sh`sleep 4326`

// What people put there, and what a careless tool would take for an answer.
const NOISE = 'echo "Welcome to web!"; echo "last login: never" >&2; printf "%s" "no newline"'
const CSH_NOISE = 'echo "Welcome to web!"; sh -c "echo noise >&2; printf %s no-newline"'
const SHELLS: Readonly<Record<string, MachineUser>> = {
  sh: { shell: '/bin/sh' },
  bash: { shell: '/bin/bash', files: { '.bashrc': `${NOISE}\n`, '.bash_profile': `${NOISE}\n` } },
  slow: { shell: '/bin/bash', files: { '.bashrc': 'echo slow; sleep 2; echo done >&2\n' } },
  zsh: { shell: '/usr/bin/zsh', files: { '.zshenv': `${NOISE}\n`, '.zshrc': `${NOISE}\n` } },
  fish: { shell: '/usr/bin/fish', files: { '.config/fish/config.fish': `set -x PATH /usr/bin /bin; ${NOISE}\n` } },
  csh: { shell: '/usr/bin/tcsh', files: { '.cshrc': `${CSH_NOISE}\n`, '.tcshrc': `${CSH_NOISE}\n` } },
  mksh: { shell: '/usr/bin/mksh', files: { '.mkshrc': `${NOISE}\n` } },
}
const REFUSING: Readonly<Record<string, MachineUser>> = {
  nologin: { shell: '/usr/sbin/nologin' },
  false: { shell: '/bin/false' },
  expired: { password: 'old' },
  forced: {},
  repeating: {},
  files: {},
  restricted: { shell: '/bin/rbash' },
  leaving: { shell: '/bin/bash', files: { '.bashrc': 'echo "no tools here" >&2; exit 9\n' } },
}
const CONFIG = `Banner /etc/issue
Match User forced
  ForceCommand echo "$SSH_ORIGINAL_COMMAND" is not what I do
Match User repeating
  ForceCommand cat
Match User files
  ForceCommand internal-sftp
Match User boxed
  ChrootDirectory /srv/box`

// The machine of the user `boxed` has one program, under all its names. As sshd wants it, nobody but root may write there.
const BOX = `set -e
box=/srv/box; program=$(command -v busybox)
mkdir -p $box/bin $box/proc $box/dev $box/tmp $box/home/boxed $box/etc
cp "$program" $box/bin/busybox
for library in $(ldd "$program" | grep -o '/[^ ]*' || :); do mkdir -p "$box\${library%/*}"; cp -L "$library" "$box$library"; done
for name in $(busybox --list | grep -vx busybox); do ln -sf busybox $box/bin/$name; done
chmod 1777 $box/tmp; chown boxed: $box/home/boxed; grep -E '^(root|boxed):' /etc/passwd >$box/etc/passwd; grep -E '^(root|boxed):' /etc/group >$box/etc/group
mount -t proc proc $box/proc; mount --bind /dev $box/dev`

describe.skipIf(reason !== undefined).each(['ssh2', 'openssh'] as const)(`login shells by %s${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, (transport) => {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd({ users: { ...SHELLS, ...REFUSING, boxed: {}, homeless: {} }, config: CONFIG })
    await sshd.run('chage -d 0 expired')
    await sshd.run('rm -r /home/homeless')
    if (existsSync('/usr/bin/busybox')) await sshd.run(BOX)
  })
  afterEach(closeLogins)
  afterAll(() => sshd?.close())

  for (const [user, { shell = '' }] of Object.entries(SHELLS)) {
    it.skipIf(!existsSync(shell))(`${user} is no matter, nor what its files do and print${absent(shell)}`, async () => {
      const { run } = await login(sshd, user, { transport })
      expect(await run('id -un; echo err >&2; exit 3')).toEqual([3, `${user}\n`, 'err\n'])
      expect(await run(`printf '%s\\n' "it's" '!!' '^a^b' 'a\\b' "$SHELL"`)).toEqual([0, `it's\n!!\n^a^b\na\\b\n${shell}\n`, ''])
    })
  }

  it('goes without a home', async () => {
    const { run } = await login(sshd, 'homeless', { transport })
    expect(await run('pwd; id -un')).toEqual([0, '/\nhomeless\n', ''])
  })

  it.skipIf(!existsSync('/usr/bin/fish'))(`finds what lies in sbin, which is not on the PATH of a login${absent('/usr/bin/fish')}`, async () => {
    const { run } = await login(sshd, 'fish', { transport })
    expect(await run('command -v useradd; command -v visudo')).toEqual([0, '/usr/sbin/useradd\n/usr/sbin/visudo\n', ''])
  })

  it.skipIf(!existsSync('/usr/bin/busybox'))(`needs busybox and nothing else${absent('/usr/bin/busybox')}`, async () => {
    const { run, session } = await login(sshd, 'boxed', { transport })
    expect(await run('ls /; ls /bin | grep -c .; readlink -f /proc/$$/exe; id -un')).toEqual([0, expect.stringMatching(/^bin\ndev\n[^]*\n\d{3}\n\/bin\/busybox\nboxed\n$/), ''])
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256))
    const write = (path: string) => session.exchange([{ as: {}, parts: [{ kind: 'write', path, content, mode: '600' }] }])
    expect((await write('/tmp/file'))[0]).toMatchObject([{ state: 'done', code: 0 }])
    const chunks: Uint8Array[] = []
    for await (const chunk of session.read('/tmp/file', {})) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(content)).toBe(true)
    const [answer] = await session.exchange([{ as: {}, parts: [{ kind: 'command', command: SLEEP, timeout: 0.2 }] }])
    expect([answer?.[0]?.state, await run('ps | grep -c "[s]leep 4326"')]).toEqual(['ended', [1, '0\n', '']])
  })

  const refusals: readonly (readonly [string, string, string])[] = [
    ['nologin', `says 'This account is currently not available.' and ends with code 1`, 'nologin'],
    ['false', 'says nothing and ends with code 1', 'false'],
    ['expired', `says 'Password change required but no TTY available.' and ends with code 1`, 'The password has expired'],
    ['forced', `says 'exec /bin/sh -c`, 'a forced command'],
    ['repeating', 'repeats what it is told', 'a forced command'],
    ['files', `says 'This service allows sftp connections only.' and ends with code 1`, 'a forced command'],
    ['restricted', `says 'rbash: line 1: exec: restricted' and ends with code 1`, 'chsh'],
    ['leaving', `says 'no tools here' and ends with code 9`, 'chsh'],
  ]
  it.each(refusals)('%s gives no shell, and is told so with what it says', async (user, does, hint) => {
    const trouble = troubleOf(login(sshd, user, { transport }).then(({ run }) => run('id')))
    expect(await trouble).toMatchObject({ code: 'NO_SHELL', message: expect.stringContaining(`The login on web leads to no shell: it ${does}`) as string, hint: expect.stringContaining(hint) as string })
  })
})
