import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fields, packets, readFields } from '../../src/openssh/mux/wire.ts'
import { question } from '../../src/openssh/prompts.ts'
import { createSaid } from '../../src/openssh/said.ts'

describe('packets of the control socket', () => {
  it('are cut alike, however they arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (bodies, sizes) => {
        const stream = Buffer.concat(bodies.map((body) => fields(Buffer.from(body))))
        const seen: string[] = []
        const hear = packets((packet) => seen.push(packet.toString('hex')))
        for (let at = 0; at < stream.length; ) {
          const size = sizes.next().value as number
          hear(stream.subarray(at, at + size))
          at += size
        }
        expect(seen).toEqual(bodies.map((body) => Buffer.from(body).toString('hex')))
      }),
    )
  })

  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.boolean(), fc.string({ unit: 'grapheme' }), (number, flag, text) => {
        const read = readFields(fields(number, flag, text, number))
        expect([read.number(), read.boolean(), read.text(), read.number()]).toEqual([number, flag, text, number])
      }),
    )
  })

  it('that end too early are an error', () => {
    expect(() => readFields(Buffer.from([0, 0, 0, 9, 1])).bytes()).toThrow(RangeError)
    expect(() => readFields(Buffer.from([0])).number()).toThrow(RangeError)
  })
})

describe('questions of ssh', () => {
  it.each([
    ["ana@db1's password: ", { kind: 'password' }],
    ['(ana@db1.example.net) Password: ', { kind: 'password' }],
    ['Password: ', { kind: 'password' }],
    ['Password for ana@db1:', { kind: 'password' }],
    ["Enter passphrase for key '/home/ana/.ssh/id ed': ", { kind: 'passphrase', key: '/home/ana/.ssh/id ed' }],
    ['Enter passphrase for /home/ana/.ssh/id_rsa: ', { kind: 'passphrase', key: '/home/ana/.ssh/id_rsa' }],
    ["The authenticity of host 'db1 (10.0.0.1)' can't be established.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? ", { kind: 'other' }],
    ['(ana@db1) Verification code: ', { kind: 'other' }],
    ['(ana@db1) One-time password (OATH) for `ana\': ', { kind: 'other' }],
    ["Enter ana@db1's new password: ", { kind: 'other' }],
    ["(ana@db1) Enter passphrase for key '/home/ana/.ssh/id_rsa': ", { kind: 'other' }],
    ['Enter PIN for ED25519-SK key /home/ana/.ssh/id: ', { kind: 'other' }],
  ])('%j is told apart', (text, expected) => {
    expect(question('', text)).toEqual(expected)
  })

  it('that want a yes are never answered', () => {
    expect(question('confirm', "ana@db1's password: ")).toEqual({ kind: 'other' })
  })
})

describe('what ssh says', () => {
  const KEY = 'debug1: Server host key: ssh-ed25519 SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg'

  it('is read alike, however it arrives', () => {
    const text = `OpenSSH_9.2p1\ndebug1: Connecting to db1 port 22.\n${KEY}\nsomething is wrong\r\nAuthenticated to db1 ([::1]:22) using "publickey".\n`
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 1, max: 30 })), (sizes) => {
        const said = createSaid()
        for (let at = 0; at < text.length; ) {
          const size = sizes.next().value as number
          said.hear(text.slice(at, at + size))
          at += size
        }
        expect([said.lines, said.key?.type, said.authenticated]).toEqual([['something is wrong'], 'ssh-ed25519', true])
      }),
    )
  })

  it('keeps the first key, and not what a server says later', () => {
    const said = createSaid()
    said.hear(`${KEY}\ndebug1: Server host key: ssh-rsa SHA256:other\n`)
    expect(said.key?.type).toBe('ssh-ed25519')
  })

  it('stays small, whatever a server says', () => {
    const said = createSaid()
    for (let count = 0; count < 5000; count++) said.hear(`line ${count}${'x'.repeat(2000)}\n`)
    expect(said.lines.length).toBeLessThanOrEqual(200)
    expect(said.lines.at(-1)).toMatch(/^line 4999/)
    expect(said.lines[0]).toMatch(/^line 0/)
  })
})
