import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { server } from '../../src/index.ts'
import { keyIdentity, parseKeyLine, shownKey, wrongKey } from '../../src/server/keys/key-line.ts'
import { mergeKeys } from '../../src/server/keys/merge-keys.ts'
import { because, reason, withMachine } from './support.ts'

/** A whole key: a length and its type, then something of a length. */
function keyOf(bytes: Uint8Array, comment = ''): string {
  const part = (text: Uint8Array) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), text])
  return `ssh-ed25519 ${Buffer.concat([part(Buffer.from('ssh-ed25519')), part(bytes)]).toString('base64')}${comment === '' ? '' : ` ${comment}`}`
}
const [ANA, BEN, EVE] = ['ana@laptop', 'ben', 'eve'].map((comment) => keyOf(randomBytes(32), comment)) as [string, string, string]
const parsed = (...lines: string[]) => lines.map((line) => parseKeyLine(line)!)
const merge = (text: string, wanted: { keys?: string[]; absent?: string[]; exclusive?: boolean }) =>
  mergeKeys(text, { keys: parsed(...(wanted.keys ?? [])), absent: parsed(...(wanted.absent ?? [])), exclusive: wanted.exclusive ?? false })

describe('lines of authorized_keys', () => {
  test('a key is read with its options, which may hold blanks in quotes, and its comment', () => {
    const line = `command="echo \\"a b\\" #",no-pty  ${ANA}`
    expect(parseKeyLine(line)).toMatchObject({ options: 'command="echo \\"a b\\" #",no-pty', type: 'ssh-ed25519', comment: 'ana@laptop' })
    expect(keyIdentity(line)).toBe(ANA.split(' ', 2).join(' '))
    for (const nothing of ['', '  ', '# a comment', 'ssh-ed25519', 'no-pty', 'ssh-ed25519 not:base64 x', 'from="unclosed ssh-ed25519 AAAA']) expect(parseKeyLine(nothing)).toBeUndefined()
  })

  test.each([
    [ANA, 'nothing'], [`${ANA}\nroot`, 'one line'], ['-----BEGIN OPENSSH PRIVATE KEY-----', 'private key'], [ANA.slice(0, 50), 'not whole'], [ANA.replace('ssh-ed25519', 'ssh-rsa'), 'not whole'], ['hello', 'no public key'],
  ])('what is declared is looked at: %s', (line, problem) => {
    expect(wrongKey(line) ?? 'nothing').toContain(problem)
  })

  test('a key with another comment is the same; its options are compared when some are given, and then count alone', () => {
    const [type = '', blob = ''] = ANA.split(' ')
    const have = `# ours\n\n${type} ${blob} renamed\nno-pty ${type} ${blob}\n${BEN}`
    expect(merge(have, { keys: [ANA, BEN] }).text).toBe(have)
    const { text, changed } = merge(have, { keys: [`no-agent-forwarding ${ANA}`] })
    expect(text).toBe(`# ours\n\nno-agent-forwarding ${type} ${blob} renamed\n${BEN}\n`)
    expect(changed.map(shownKey)).toEqual(['ana@laptop'])
  })

  test('exclusive keeps comments, and drops what is no key as well: sshd may make more of it', () => {
    expect(merge(`# ours\n${ANA}\nsomething odd\n${BEN}\n`, { keys: [ANA], exclusive: true })).toMatchObject({ text: `# ours\n${ANA}\n`, removed: ['something odd', BEN] })
  })

  test('whatever a file holds: merged once it is as wanted, merged again it stays, and what nobody named stays', () => {
    const key = fc.uint8Array({ minLength: 8, maxLength: 40 }).map((bytes) => keyOf(bytes, 'k'))
    const line = fc.oneof(key, key.map((text) => `no-pty,command="x y" ${text}`), fc.string().filter((text) => !/[\n\r]/.test(text)), fc.constant('# c'))
    fc.assert(
      fc.property(fc.array(line), fc.uniqueArray(key, { maxLength: 4 }), fc.uniqueArray(key, { maxLength: 3 }), fc.boolean(), (lines, keys, more, exclusive) => {
        const absent = more.filter((each) => !keys.includes(each))
        const first = merge(lines.join('\n'), { keys, absent, exclusive })
        const again = merge(first.text, { keys, absent, exclusive })
        expect([again.text, again.added, again.changed, again.removed]).toEqual([first.text, [], [], []])
        const left = first.text.split('\n').flatMap((each) => keyIdentity(each) ?? [])
        expect(left).toEqual(expect.arrayContaining(keys.map((each) => keyIdentity(each))))
        expect(left.filter((each) => absent.map(keyIdentity).includes(each))).toEqual([])
        const others = left.filter((each) => !keys.map(keyIdentity).includes(each))
        expect(others.length > 0 && exclusive).toBe(false)
        const kept = exclusive ? [] : lines.filter((one) => parseKeyLine(one) === undefined && one !== '')
        expect(first.text.split('\n')).toEqual(expect.arrayContaining(kept))
      }),
    )
  })
})

describe.skipIf(reason !== undefined)(`server.authorizedKeys on a real machine${because}`, { timeout: 240_000 }, () => {
  const keys = (more: object = {}) => () => [server.authorizedKeys({ user: 'ana', keys: [ANA, `no-pty ${BEN}`], ...more })]

  test('keys are let in, the folder made for its owner alone; drift is mended; others stay unless exclusive', () =>
    withMachine(async ({ machine, make, plan }) => {
      await machine.run('useradd -m ana')
      expect(await plan(keys())).toEqual(['add ana@laptop, ben'])
      expect(await machine.run('ls -A /home/ana | grep ssh || echo none')).toBe('none\n')
      await make(keys())
      expect(await machine.run('cd /home/ana; cat .ssh/authorized_keys; stat -c "%a %U %G" .ssh .ssh/authorized_keys; ls -A .ssh')).toBe(`${ANA}\nno-pty ${BEN}\n700 ana ana\n600 ana ana\nauthorized_keys\n`)
      await machine.run(`cd /home/ana/.ssh; printf '%s\\n' '# mine' '${EVE}' '${BEN}' >authorized_keys; chmod 664 authorized_keys; chmod 777 .`)
      expect(await make(keys())).toEqual(['add ana@laptop; options of ben', 'mode of /home/ana/.ssh 0777 → 0700'])
      expect(await machine.run('cat /home/ana/.ssh/authorized_keys; stat -c %a /home/ana/.ssh /home/ana/.ssh/authorized_keys')).toBe(`# mine\n${EVE}\nno-pty ${BEN}\n${ANA}\n700\n600\n`)
      expect(await make(keys({ exclusive: true }))).toEqual(['remove eve'])
      expect(await make(() => [server.authorizedKeys({ user: 'ana', absent: [ANA, BEN, EVE] })])).toEqual(['remove ben, ana@laptop'])
      expect(await machine.run('cat /home/ana/.ssh/authorized_keys')).toBe('# mine\n')
    }))

  test('links in a home lead root nowhere: neither is read or written what they point to, nor is anybody else given a file', () =>
    withMachine(async ({ machine, apply, make }) => {
      await machine.run('useradd -m ana; mkdir /root/.ssh; echo secret >/root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys; chmod 700 /root/.ssh')
      // The folder is a link to root's own.
      await machine.run('ln -s /root/.ssh /home/ana/.ssh; chown -h ana: /home/ana/.ssh')
      const outside = await apply(keys())
      expect(outside.errors.map(({ code }) => code)).toEqual(['FACT_FAILED'])
      // The file is one.
      await machine.run('rm /home/ana/.ssh; mkdir /home/ana/.ssh; ln -s /etc/shadow /home/ana/.ssh/authorized_keys; chown -hR ana: /home/ana/.ssh')
      const inside = await apply(keys())
      expect(inside.errors.map(({ code }) => code)).toEqual(['FACT_FAILED'])
      expect(JSON.stringify([outside.events, inside.events])).not.toMatch(/secret|daemon:/)
      expect(await machine.run('cat /root/.ssh/authorized_keys; stat -c %U /etc/shadow /root/.ssh')).toBe('secret\nroot\nroot\n')
      // A link to a file of her own is hers to make: the file is written anew, beside it nothing changes.
      await machine.run('cd /home/ana/.ssh; rm authorized_keys; echo "# elsewhere" >../elsewhere; ln -s ../elsewhere authorized_keys; chown -hR ana: /home/ana')
      await make(keys())
      expect(await machine.run('cd /home/ana; cat elsewhere; stat -c "%F %U" .ssh/authorized_keys')).toBe('# elsewhere\nregular file ana\n')
      // Nothing that would block is opened.
      await machine.run('cd /home/ana/.ssh; rm authorized_keys; mkfifo authorized_keys')
      expect((await apply(keys())).errors[0]).toMatchObject({ code: 'FACT_FAILED' })
    }))

  test('a user made in the same run is waited for; of one who is not there nothing need be taken', () =>
    withMachine(async ({ make, plan }) => {
      expect(await plan(() => [server.user({ name: 'ana' }), ...keys()()])).toEqual(['create user', 'later: the user ana is not there yet'])
      await make(() => [server.user({ name: 'ana' }), ...keys()()])
      expect(await make(() => [server.authorizedKeys({ user: 'nobody-there', absent: [ANA] })])).toEqual([])
    }))

  test('of 100 users the keys are asked for in one exchange, and what one of them says passes for nobody else', () =>
    withMachine(async ({ machine, apply }) => {
      const names = Array.from({ length: 100 }, (_, index) => `u${index}`)
      await machine.run(`for n in ${names.join(' ')}; do useradd -m $n; done; mkdir ~u1/.ssh; printf 'x\\0000\\0/home/u2\\0600 700\\n${ANA}\\n0\\0' >~u1/.ssh/authorized_keys; chown -R u1: ~u1/.ssh`)
      const all = () => names.map((user) => server.authorizedKeys({ user, keys: [ANA] }))
      // u1 alone has the key already, whatever its file says of u2.
      expect((await apply(all, { dry: true })).plan.hosts[0]?.roles[0]?.operations.filter(({ verdict }) => verdict === 'same').map(({ title }) => title)).toEqual(['u1'])
      expect((await apply(all)).errors).toEqual([])
      const again = await apply(all)
      expect([again.end.operations.changed, again.hosts[0]?.exchanges]).toEqual([0, 2])
    }))
})
