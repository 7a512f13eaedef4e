import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkAlias, checkHost, checkPort, checkUser, isHost, isUser, readPlace } from '../../src/settings/names.ts'

/** What means something to a shell, to a known_hosts file, or ends a line. */
const METACHARACTERS = /[\s\p{Cc}'"`$\\;&|<>(){}*?!#~=,/]/u
/** Ordinary signs and hostile ones, so that many of the texts nearly pass. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'aZ0é._-@+:%[]$`\'"\\;&|<>(){}*?!#~=,/ \n\t\0\u007f'.split('')) }),
  fc.string({ unit: 'binary' }),
)
const plain = fc.string({ unit: fc.constantFrom(...'ab09._-'.split('')), minLength: 1, maxLength: 20 })

describe('the allow-lists', () => {
  it('pass no host with a metacharacter, a blank or an option in it', () => {
    fc.assert(fc.property(text, (host) => !isHost(host) || (!METACHARACTERS.test(host) && !host.startsWith('-') && host !== '')), { numRuns: 5000 })
  })

  it('pass no user with a metacharacter, a blank or an option in it', () => {
    fc.assert(fc.property(text, (user) => !isUser(user) || (!METACHARACTERS.test(user) && !user.startsWith('-') && user !== '')), { numRuns: 5000 })
  })

  it('pass no alias that a known_hosts file would read as more than one name', () => {
    fc.assert(
      fc.property(text, (alias) => {
        try {
          return !METACHARACTERS.test(checkAlias(alias, 'The alias'))
        } catch {
          return true
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('pass no part of a hop that they would not pass by itself', () => {
    fc.assert(
      fc.property(text, (hop) => {
        try {
          const { host, user, port } = readPlace(hop, 'a hop')
          return isHost(host) && (user === undefined || isUser(user)) && (port === undefined || (port >= 1 && port <= 65535))
        } catch (error) {
          return (error as { code: string }).code === 'SSH_NAME'
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('read back what a hop was made of', () => {
    fc.assert(
      fc.property(plain.filter(isHost), fc.option(plain.filter(isUser)), fc.option(fc.integer({ min: 1, max: 65535 })), (host, user, port) => {
        const hop = `${user === null ? '' : `${user}@`}${host}${port === null ? '' : `:${port}`}`
        expect(readPlace(hop, 'a hop')).toEqual({ host, user: user ?? undefined, port: port ?? undefined })
      }),
    )
  })

  it.each(['db1', 'db.example.net', 'my_remote_server', '10.0.0.5', '::1', 'fe80::1%eth0', '2001:db8::7', 'bücher.example'])('take the host %s', (name) => {
    expect(checkHost(name, 'The host')).toBe(name)
  })

  it.each(['', '-oProxyCommand=id', 'a b', 'a;id', '$(id)', 'a`id`', 'a\nb', 'fe80::1%', 'fe80::1%a b', 'x%eth0', '::1%a%b', 'a/b', 'a@b', '.hidden', 'a'.repeat(256)])('refuse the host %j', (name) => {
    expect(() => checkHost(name, 'The host')).toThrow(/The host is ".*", which is not taken as a host/)
  })

  it.each(['root', 'db-admin', '_svc', 'ana.b', 'ana@example.net', 'CORP+ana', 'jürgen'])('take the user %s', (name) => {
    expect(checkUser(name, 'The user')).toBe(name)
  })

  it.each(['', '-l', 'CORP\\ana', 'web$', 'a b', "o'neil", '"x"', 'a;id', '~root', 'a|b', '@a', 'a\0'])('refuse the user %j', (name) => {
    expect(() => checkUser(name, 'The user')).toThrow(/which is not taken as a user/)
  })

  it.each(['0', '65536', '22a', '', '-1', '1e3', ' 22'])('refuse the port %j', (port) => {
    expect(() => checkPort(port, 'The port')).toThrow('is not a port')
  })

  it.each([
    ['::1', { host: '::1', user: undefined, port: undefined }],
    ['[::1]:44', { host: '::1', user: undefined, port: 44 }],
    ['u@[fe80::1%eth0]:22', { host: 'fe80::1%eth0', user: 'u', port: 22 }],
    ['ssh://y@z:33', { host: 'z', user: 'y', port: 33 }],
    ['ssh://z/', { host: 'z', user: undefined, port: undefined }],
    ['a@b@c:1', { host: 'c', user: 'a@b', port: 1 }],
  ])('read the hop %s as ssh does', (hop, place) => {
    expect(readPlace(hop, 'a hop')).toEqual(place)
  })

  it('show a refused name without what a terminal would act on', () => {
    expect(() => checkHost('\u001b[2J', 'The host')).toThrow('"\\u001b[2J"')
  })
})
