import { ChaosError, secret } from '@chaos/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { server } from '../../src/index.ts'
import { because, reason, summaries, withMachine } from './support.ts'

/** As `openssl passwd -6` makes them. */
const HASH = '$6$Qm8GJFhYlNYgYt5S$4xG0Y3EiY7nmMqfGnBvYw7h7i9x8lcF6pVxR3sUVhWv4D0ULlg1sNqkTeYlDhP1bYj7YvVqUqk1m2FhVbG2jG0'
const OTHER = HASH.replace('4xG0', '5yH1')

describe('arguments of server.user', () => {
  const refusal = (args: Parameters<typeof server.user>[0]) => {
    try {
      server.user(args)
      return 'taken'
    } catch (error) {
      return error instanceof ChaosError ? error.message : String(error)
    }
  }

  test('a name is one that no tool could take for an option, an id, a path or a line', () => {
    for (const name of ['ana', '_apt', 'systemd-network', 'a.b', 'Ana', 'web01', 'machine$']) expect(refusal({ name })).toBe('taken')
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), (name) => {
        const fits = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}[A-Za-z0-9_.$-]?$/.test(name) && !/^\d+$/.test(name)
        expect(refusal({ name }) === 'taken').toBe(fits)
      }),
    )
    for (const name of ['-r', '', 'a:b', 'a b', 'a\nb', '1000', '.', '+ana', 'ana/x', 'ä', 'a'.repeat(33)]) expect(refusal({ name })).not.toBe('taken')
  })

  test('a comment, a shell and a home hold neither a colon nor a line end', () => {
    for (const bad of ['a:b', 'a\nb', 'a\0b']) {
      expect([refusal({ name: 'ana', comment: bad }), refusal({ name: 'ana', shell: `/${bad}` }), refusal({ name: 'ana', home: `/${bad}` })]).not.toContain('taken')
    }
  })

  test('a password in plain text is refused, and told nowhere', () => {
    const said = refusal({ name: 'ana', password: secret('correct horse') })
    expect(said).toContain('openssl passwd -6')
    expect(said).not.toContain('horse')
    for (const bad of ['', '!', '*', '$6$', '$6$a:b$cdefghijkl', '$6$salt$hash with blank', `${HASH}\nroot:x`]) expect(refusal({ name: 'ana', password: secret(bad) })).toContain('no hash')
    for (const good of [HASH, '$y$j9T$abcdefgh$0123456789abcdefghij', '$2b$12$abcdefghijklmnopqrstuv']) expect(refusal({ name: 'ana', password: secret(good) })).toBe('taken')
    expect(refusal({ name: 'ana', password: HASH as never })).toContain('a password is a secret')
  })

  test('what makes no sense together is refused', () => {
    expect(refusal({ name: 'ana', present: false, shell: '/bin/sh' })).toContain('needs none of it')
    expect(refusal({ name: 'ana', removeHome: true })).toContain('present: false')
    expect(refusal({ name: 'ana', append: true })).toContain('give the groups')
  })
})

describe.skipIf(reason !== undefined)(`server.user on a real machine${because}`, { timeout: 240_000 }, () => {
  test('an account is made with all that is given, is then so in 2 exchanges, and drift is mended', () =>
    withMachine(async ({ machine, make, plan }) => {
      await machine.run('groupadd harbour; groupadd audit')
      const ana = () => [
        server.user({ name: 'ana', uid: 1600, groups: ['harbour', 'audit'], shell: '/bin/bash', home: '/srv/ana', comment: "Ana d'Lima, $(id)", password: secret(HASH) }),
      ]
      expect(await plan(ana)).toEqual(['create user with a password'])
      expect(await machine.run('getent passwd ana || echo nobody')).toBe('nobody\n')
      expect(await make(ana)).toEqual(['create user with a password'])
      expect(await machine.run('getent passwd ana; id -Gn ana; stat -c "%U %a" /srv/ana; getent shadow ana | cut -d: -f2')).toBe(
        `ana:x:1600:1600:Ana d'Lima, $(id):/srv/ana:/bin/bash\nana harbour audit\nana 755\n${HASH}\n`,
      )
      await machine.run("gpasswd -d ana audit; usermod -s /bin/sh -c other -p '*' ana; groupadd extra; usermod -aG extra ana")
      expect(await make(ana)).toEqual(['groups +audit −extra', 'shell /bin/sh → /bin/bash', "comment other → Ana d'Lima, $(id)", 'set password'])
      expect(await machine.run('id -Gn ana; getent shadow ana | cut -d: -f2')).toBe(`ana harbour audit\n${HASH}\n`)
    }))

  test('any comment that is allowed arrives as it is', () =>
    withMachine(async ({ machine, apply }) => {
      await machine.run('useradd ana')
      const comments = fc.sample(fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !/[:\n\r\0]/.test(text) && text.trim() === text), 15)
      for (const comment of ['-x', '--help', "'; id #", '$(id)`id`\\', 'Ç ☃ 名', ...comments]) {
        const { errors } = await apply(() => [server.user({ name: 'ana', comment })])
        expect([comment, errors, await machine.run('getent passwd ana | cut -d: -f5')]).toEqual([comment, [], `${comment}\n`])
      }
    }))

  test('what is not given is not managed', () =>
    withMachine(async ({ machine, make }) => {
      await machine.run('groupadd harbour; useradd -m -s /bin/bash -G harbour -c Ben -p x ben')
      const before = await machine.run('getent passwd ben; id -Gn ben; getent shadow ben')
      expect(await make(() => [server.user({ name: 'ben' })])).toEqual([])
      expect(await make(() => [server.user({ name: 'ben', groups: ['harbour'], append: true })])).toEqual([])
      expect(await machine.run('getent passwd ben; id -Gn ben; getent shadow ben')).toBe(before)
    }))

  test('id, primary group and home are changed, the home moved with what is in it; missing groups join others with append', () =>
    withMachine(async ({ machine, make }) => {
      await machine.run('groupadd staff2; groupadd harbour; groupadd audit; useradd -m -G audit ben; echo kept >/home/ben/file; chown ben: /home/ben/file')
      await make(() => [server.user({ name: 'ben', uid: 1700, group: 'staff2', groups: ['harbour'], append: true, home: '/srv/ben/', moveHome: true })])
      expect(await machine.run('getent passwd ben | cut -d: -f3,6; id -gn ben; id -Gn ben; cat /srv/ben/file; stat -c %u /srv/ben/file; ls -d /home/ben 2>/dev/null || echo moved')).toBe('1700:/srv/ben\nstaff2\nstaff2 harbour audit\nkept\n1700\nmoved\n')
      await make(() => [server.user({ name: 'ben', home: '/srv/other/ben', createHome: true })])
      expect(await machine.run('stat -c "%U %a" /srv/other /srv/other/ben; ls -A /srv/other/ben | sort | head -1')).toBe('root 755\nben 700\n.bash_logout\n')
      expect(await make(() => [server.user({ name: 'ben', groups: [] })])).toEqual(['groups −audit −harbour'])
    }))

  test('a password is set by its hash over standard input alone, locked and unlocked without losing it', () =>
    withMachine(async ({ machine, apply, make }) => {
      const shadow = async () => (await machine.run('getent shadow ben | cut -d: -f2')).trim()
      await machine.run('useradd ben')
      expect(await shadow()).toBe('!')
      const { events } = await apply(() => [server.user({ name: 'ben', password: secret(HASH) })])
      expect(await shadow()).toBe(HASH)
      expect(JSON.stringify(events)).not.toContain(HASH.slice(3, 30))
      expect(await make(() => [server.user({ name: 'ben', locked: true })])).toEqual(['lock password'])
      expect(await shadow()).toBe(`!${HASH}`)
      expect(await make(() => [server.user({ name: 'ben', password: secret(HASH) })])).toEqual([])
      expect(await make(() => [server.user({ name: 'ben', password: secret(OTHER) })])).toEqual(['set password'])
      expect(await shadow()).toBe(`!${OTHER}`)
      expect(await make(() => [server.user({ name: 'ben', password: secret(OTHER), locked: false })])).toEqual(['unlock password'])
      expect(await shadow()).toBe(OTHER)
      // Unlocked, an account without a password would let anybody in; it gets one that nothing fits.
      await make(() => [server.user({ name: 'cleo', locked: false })])
      expect(await machine.run('getent shadow cleo | cut -d: -f2')).toBe('*\n')
      // A dot is no pattern: another line is not taken for it.
      await machine.run(`useradd -p '${HASH}' axb; useradd a.b`)
      expect(await make(() => [server.user({ name: 'a.b', password: secret(HASH) })])).toEqual(['set password'])
    }))

  test('an account goes, named as a removal among the people there are; its home goes only when it is said', () =>
    withMachine(async ({ machine, apply, make }) => {
      await machine.run('useradd -m -s /bin/bash ana; useradd -m -s /bin/bash ben')
      const people = Number(await machine.run("awk -F: '$3>=1000 && $3<=60000 && $7 !~ /nologin|false/' /etc/passwd | wc -l"))
      const { plan } = await apply(() => [server.user({ name: 'ana', present: false })], { dry: true })
      expect(plan.hosts[0]?.roles[0]?.operations[0]?.changes).toMatchObject([{ summary: 'remove user; its home /home/ana stays', removes: true, removed: [{ kind: 'user', name: 'ana', of: people }] }])
      await make(() => [server.user({ name: 'ana', present: false }), server.user({ name: 'ben', present: false, removeHome: true })])
      expect(await machine.run('getent passwd ana ben || ls /home')).toBe('ana\n')
    }))

  test('a group or shell that comes later in the run is waited for, and an error when it does not come', () =>
    withMachine(async ({ machine, apply, make, plan }) => {
      const user = server.user
      const ops = () => [server.group({ name: 'harbour' }), server.shell({ commands: 'cp /bin/sh /usr/local/bin/newsh', creates: '/usr/local/bin/newsh' }), user({ name: 'ana', groups: ['harbour'] }), user({ name: 'ben', shell: '/usr/local/bin/newsh' })]
      expect(await plan(ops)).toEqual(['create group', 'run the command', 'later: the group harbour is not there yet', 'later: the shell /usr/local/bin/newsh is not there yet'])
      await make(ops)
      expect(await machine.run('id -Gn ana; getent passwd ben | cut -d: -f7')).toBe('ana harbour\n/usr/local/bin/newsh\n')
      expect((await apply(() => [user({ name: 'ana', groups: ['nowhere'] })])).errors[0]).toMatchObject({ code: 'STILL_LATER', message: expect.stringContaining('the group nowhere is not there yet') })
    }))

  test('an id that somebody else has is an error before anything changes', () =>
    withMachine(async ({ machine, apply }) => {
      await machine.run('useradd -u 1500 ben; groupadd -g 1501 team')
      const { errors } = await apply(() => [server.user({ name: 'first' }), server.user({ name: 'ana', uid: 1500 })])
      expect(errors).toMatchObject([{ code: 'UID_TAKEN', message: expect.stringContaining('ben has it') }])
      expect((await apply(() => [server.group({ name: 'other', gid: 1501 })])).errors).toMatchObject([{ code: 'GID_TAKEN' }])
      expect(await machine.run('getent passwd first || echo nobody')).toBe('nobody\n')
    }))

  test('an account of a directory is seen, and an error where it differs', () =>
    withMachine(async ({ machine, apply, make }) => {
      // A name service that knows more than the files, as sssd makes one.
      await machine.run(`mv /usr/bin/getent /usr/bin/getent.real; cat >/usr/bin/getent <<'END'
#!/bin/sh
/usr/bin/getent.real "$@"; code=$?
case " $* " in ' passwd '*dora*) echo 'dora:*:70001:70001:Dora:/home/dora:/bin/sh';; ' group '*ldapgroup*) echo 'ldapgroup:*:70005:';; esac
exit $code
END
chmod 755 /usr/bin/getent`)
      expect(await make(() => [server.user({ name: 'dora', shell: '/bin/sh' })])).toEqual([])
      expect((await apply(() => [server.user({ name: 'dora', comment: 'other' })])).errors).toMatchObject([{ code: 'USER_NOT_LOCAL' }])
      expect((await apply(() => [server.user({ name: 'dora', present: false })])).errors).toMatchObject([{ code: 'USER_NOT_LOCAL' }])
      expect((await apply(() => [server.user({ name: 'ana', groups: ['ldapgroup'] })])).errors).toMatchObject([{ code: 'GROUP_NOT_LOCAL' }])
    }))

  test('what cannot be read is an error, and never nobody', () =>
    withMachine(async ({ machine, apply }) => {
      await machine.run('mv /usr/bin/getent /usr/bin/getent.real; printf "#!/bin/sh\\nexit 1\\n" >/usr/bin/getent; chmod 755 /usr/bin/getent')
      expect((await apply(() => [server.user({ name: 'ana' })])).errors).toMatchObject([{ code: 'FACT_FAILED', message: expect.stringContaining('getent passwd ended with 1') }])
      await machine.run('mv /usr/bin/getent.real /usr/bin/getent; mv /etc/shadow /etc/shadow.gone')
      expect((await apply(() => [server.user({ name: 'ana', password: secret(HASH) })])).errors).toMatchObject([{ code: 'FACT_FAILED', message: expect.stringContaining('/etc/shadow') }])
      await machine.run('mv /etc/shadow.gone /etc/shadow; mv /usr/sbin/useradd /usr/sbin/useradd.gone')
      expect((await apply(() => [server.user({ name: 'ana' })])).errors).toMatchObject([{ code: 'ACCOUNT_TOOLS' }])
    }))

  test('100 accounts are made in the exchanges of one, and are then so in 2', () =>
    withMachine(async ({ apply }) => {
      const all = () => Array.from({ length: 100 }, (_, index) => server.user({ name: `u${index}`, groups: ['users'], shell: '/bin/sh', createHome: false }))
      const first = await apply(all)
      expect([first.errors, first.end.operations.changed, first.hosts[0]?.exchanges]).toEqual([[], 100, 4])
      const again = await apply(all)
      expect([summaries(again), again.hosts[0]?.exchanges]).toEqual([[], 2])
    }))

  test('a group is made with its id, changed, and goes', () =>
    withMachine(async ({ machine, make, plan }) => {
      expect(await plan(() => [server.group({ name: 'media', gid: 1500 })])).toEqual(['create group, gid 1500'])
      await make(() => [server.group({ name: 'media', gid: 1500 }), server.group({ name: 'sys', system: true })])
      expect(await machine.run('getent group media; [ "$(getent group sys | cut -d: -f3)" -lt 1000 ] && echo system')).toBe('media:x:1500:\nsystem\n')
      expect(await make(() => [server.group({ name: 'media', gid: 1501 })])).toEqual(['gid 1500 → 1501'])
      expect(await make(() => [server.group({ name: 'media', present: false })])).toEqual(['remove group'])
      expect(await machine.run('getent group media || echo gone')).toBe('gone\n')
    }))
})
