import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pluginContext } from '@chaos/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { readKnownHosts } from '../../src/known-hosts/index.ts'
import { hostCalled, makeFolder, makeKey } from './files.ts'

const folder = makeFolder()
afterAll(() => folder.close())
const a = makeKey(folder, 'a')
const b = makeKey(folder, 'b')
const rsa = makeKey(folder, 'rsa', 'rsa')
let files = 0

/** What is said of key `a`. */
async function judged(text: string, knownAs = 'db1', key = a): Promise<string> {
  return (await known(text, knownAs)).judge(key.blob).state
}

function known(text: string, knownAs = 'db1'): ReturnType<typeof readKnownHosts> {
  return readKnownHosts({ ...hostCalled(knownAs), knownHosts: [folder.write(`known_hosts${files++}`, text)] }, pluginContext())
}

describe('a host and its key', () => {
  test('are trusted when a line has both', async () => {
    expect(await judged(`db1 ${a.text} a comment\n`)).toBe('trusted')
    expect(await judged(`# hosts\n\n  db1\t${a.text}\r\n`)).toBe('trusted')
    expect(await judged(`db1 ${a.text}`)).toBe('trusted')
    expect(await judged(`db1 ${b.text}\ndb1 ${a.text}\n`)).toBe('trusted')
  })

  test('are unknown when no line names the host, whatever the keys are', async () => {
    expect(await judged('')).toBe('unknown')
    expect(await judged(`db2 ${a.text}\n#db1 ${a.text}\n`)).toBe('unknown')
    expect(await judged(`db1.example.net ${a.text}\n`)).toBe('unknown')
  })

  test('are changed when the host is known with another key, of the same type or not, and the lines are told', async () => {
    const text = `# mine\ndb1 ${b.text}\ndb1 ${rsa.text}\n`
    const verdict = (await known(text)).judge(a.blob)
    expect(verdict).toMatchObject({ state: 'changed', known: [{ line: 2, type: 'ssh-ed25519', fingerprint: b.fingerprint }, { line: 3, type: 'ssh-rsa', fingerprint: rsa.fingerprint }] })
    expect(await judged(`db1 ${rsa.text}\n`)).toBe('changed')
    expect((await known(text)).types).toEqual(['ssh-ed25519', 'ssh-rsa'])
  })

  test('are told apart to the last byte', async () => {
    const almost = Buffer.from(a.blob)
    almost[almost.length - 1] = (almost.at(-1) as number) ^ 1
    const hosts = await known(`db1 ${a.text}\n`)
    expect(hosts.judge(almost).state).toBe('changed')
    expect(hosts.judge(a.blob.subarray(0, -1)).state).toBe('changed')
    expect(hosts.judge(Buffer.alloc(0)).state).toBe('changed')
  })
})

describe('names', () => {
  test.each([
    ['db1,other', 'db1'], ['other,db1', 'db1'], ['DB1', 'db1'], ['db1', 'DB1'], ['db*', 'db1'], ['*', 'db1'], ['d?1', 'db1'], ['*.example.net', 'db.example.net'],
    ['*b*1*', 'db1'], ['!db2,db*', 'db1'], ['[db1]:2222', '[db1]:2222'], ['[*]:2222', '[db1]:2222'], ['[::1]:2222', '[::1]:2222'], ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('%s means %s', async (names, host) => {
    expect(await judged(`${names} ${a.text}\n`, host)).toBe('trusted')
  })

  test.each([
    ['db*,!db1', 'db1'], ['!db1,db*', 'db1'], ['!db2', 'db1'], ['db?', 'db'], ['db1?', 'db1'], ['*.example.net', 'example.net'], ['d[b]1', 'db1'],
    ['[db1]:2223', '[db1]:2222'], ['[db1]:2222', 'db1'], ['db1.', 'db1'], ['|db1', 'db1'], ['db1\u0000', 'db1'],
  ])('%s does not mean %s', async (names, host) => {
    expect(await judged(`${names} ${a.text}\n`, host)).toBe('unknown')
  })

  test('are hashed with HMAC-SHA1, and a hash that is broken or of another kind means nobody', async () => {
    // Made by `ssh-keygen -H` of db1.
    const hashed = '|1|JmpJhmrAqHji/DoRWqkNGmhivnE=|xsMznjbwCFHnzTsUvuA6cnfcHp4='
    expect(await judged(`${hashed} ${a.text}\n`)).toBe('trusted')
    expect(await judged(`${hashed} ${b.text}\n`)).toBe('changed')
    expect(await judged(`${hashed} ${a.text}\n`, 'db2')).toBe('unknown')
    for (const broken of [hashed.replace('|1|', '|2|'), `${hashed}|x`, `${hashed},db1`, hashed.slice(0, 31), hashed.slice(0, 32), '|1||', '|', `!${hashed}`]) {
      expect(await judged(`${broken} ${a.text}\n`), broken).toBe('unknown')
    }
  })

  test('a pattern of many stars takes no time', async () => {
    expect(await judged(`${'*a'.repeat(200)} ${a.text}\n`, 'a'.repeat(199))).toBe('unknown')
  })
})

describe('markers', () => {
  test('a revoked key is refused, whatever else is said of it', async () => {
    const text = `db1 ${a.text}\n@revoked * ${a.text}\n`
    expect((await known(text)).judge(a.blob)).toMatchObject({ state: 'revoked', known: [{ line: 2, type: 'ssh-ed25519', fingerprint: a.fingerprint }] })
    expect(await judged(`@revoked db2 ${a.text}\ndb1 ${a.text}\n`)).toBe('trusted')
    expect(await judged(`@revoked * ${b.text}\ndb1 ${a.text}\n`)).toBe('trusted')
    expect(await judged(`@revoked * ${b.text}\n`)).toBe('unknown')
  })

  test('an authority alone does not vouch for a plain key, not even for its own', async () => {
    const verdict = (await known(`@cert-authority *.example.net ${a.text}\n`, 'db.example.net')).judge(a.blob)
    expect(verdict).toMatchObject({ state: 'authority', known: [{ line: 1, type: 'ssh-ed25519', fingerprint: a.fingerprint }] })
    expect((await known(`@cert-authority * ${a.text}\n`)).types).toEqual([])
    expect(await judged(`@cert-authority * ${b.text}\ndb1 ${a.text}\n`)).toBe('trusted')
    expect(await judged(`@cert-authority * ${a.text}\ndb1 ${b.text}\n`)).toBe('changed')
  })
})

describe('a broken line', () => {
  test.each([
    ['without a key', 'db1'], ['without a key behind the type', 'db1 ssh-ed25519'], ['with a key that is cut off', 'db1 ssh-ed25519 AAAAC3NzaC1lZDI1'],
    ['with base64 that is none', 'db1 ssh-ed25519 !!!!'], ['whose type is not that of its key', `db1 ssh-rsa ${a.text.split(' ')[1]}`],
    ['with a marker that nobody knows', `@trusted db1 ${a.text}`], ['with two markers', `@cert-authority @foo db1 ${a.text}`],
  ])('%s trusts nobody, and the host it names is not unknown', async (_, line) => {
    expect(await judged(`${line}\n`)).toMatch(/^(changed|authority)$/)
    expect(await judged(`${line}\n`, 'db2')).toBe('unknown')
  })

  test('does not stand in the way of a good one', async () => {
    expect(await judged(`db1\ndb1 ssh-ed25519 AAAA\n@what db1 x\n@revoked\n@\ndb1 ${a.text}\n`)).toBe('trusted')
  })

  test('that revokes something unreadable for the host refuses every key', async () => {
    expect((await known(`db1 ${a.text}\n@revoked db1 ssh-ed25519 AAAA\n`)).judge(a.blob)).toMatchObject({ state: 'revoked', known: [{ line: 2, fingerprint: undefined }] })
    expect(await judged(`@revoked @revoked db1 ${a.text}\ndb1 ${a.text}\n`)).toBe('revoked')
    expect(await judged(`@cert-authority @revoked db1 ${a.text}\ndb1 ${a.text}\n`)).toBe('revoked')
  })
})

describe('a port of its own', () => {
  const onPort = '[db1]:2222'

  test('is looked up by its own name first', async () => {
    expect(await judged(`${onPort} ${b.text}\ndb1 ${a.text}\n`, onPort)).toBe('changed')
    expect((await known(`${onPort} ${rsa.text}\ndb1 ${a.text}\n`, onPort)).types).toEqual(['ssh-rsa'])
  })

  test('takes the key of the plain name, as ssh does, and another key leaves it unknown', async () => {
    expect(await judged(`db1 ${a.text}\n`, onPort)).toBe('trusted')
    expect(await judged(`db* ${a.text}\n`, onPort)).toBe('trusted')
    expect(await judged(`db1 ${b.text}\n`, onPort)).toBe('unknown')
    expect((await known(`db1 ${rsa.text}\n`, onPort)).types).toEqual(['ssh-rsa'])
  })

  test('is not looked up by its plain name when it has an alias', async () => {
    const settings = { hostname: 'db1', port: 2222, knownAs: '[alias]:2222', knownHosts: [folder.write('alias', `db1 ${a.text}\nalias ${a.text}\n`)] }
    expect((await readKnownHosts(settings, pluginContext())).judge(a.blob).state).toBe('unknown')
  })

  test('is refused when the plain name revokes the key, or when it has an authority, which ssh does not look at', async () => {
    expect(await judged(`@revoked db1 ${a.text}\n`, onPort)).toBe('revoked')
    expect(await judged(`@cert-authority db1 ${b.text}\n`, onPort)).toBe('authority')
  })
})

describe('several files', () => {
  test('are read together: one may trust, another revoke, one that is not there is empty', async () => {
    const trusting = folder.write('trusting', `db1 ${a.text}\n`)
    const other = folder.write('other', `db1 ${b.text}\n`)
    const revoking = folder.write('revoking', `@revoked * ${a.text}\n`)
    const judge = async (...knownHosts: string[]): Promise<string> => (await readKnownHosts({ ...hostCalled('db1'), knownHosts }, pluginContext())).judge(a.blob).state
    expect(await judge(path.join(folder.path, 'none'), other, trusting)).toBe('trusted')
    expect(await judge(trusting, revoking)).toBe('revoked')
    expect(await judge('/dev/null', other)).toBe('changed')
    expect(await judge('/dev/null', path.join(folder.path, 'none'))).toBe('unknown')
    expect(await judge()).toBe('unknown')
  })

  test('are read once in a run', async () => {
    const context = pluginContext()
    const settings = { ...hostCalled('db1'), knownHosts: [folder.write('once', `db1 ${a.text}\n`)] }
    await readKnownHosts(settings, context)
    folder.write('once', `db1 ${b.text}\n`)
    expect((await readKnownHosts(settings, context)).judge(b.blob).state).toBe('changed')
    expect((await readKnownHosts(settings, pluginContext())).judge(b.blob).state).toBe('trusted')
  })

  test('one that cannot be read refuses, instead of leaving out what it says', async () => {
    const directory = path.join(folder.path, 'directory')
    mkdirSync(directory)
    const reading = readKnownHosts({ ...hostCalled('db1'), knownHosts: [folder.write('good', `db1 ${a.text}\n`), directory] }, pluginContext())
    await expect(reading).rejects.toMatchObject({ code: 'KNOWN_HOSTS_UNREADABLE', message: expect.stringContaining(directory), details: { retry: false } })
    await expect(readKnownHosts({ ...hostCalled('db1'), knownHosts: ['/dev/zero'] }, pluginContext())).rejects.toMatchObject({ code: 'KNOWN_HOSTS_UNREADABLE' })
  })
})
