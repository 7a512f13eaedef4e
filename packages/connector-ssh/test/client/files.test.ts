import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openSession } from '../../../engine/src/session/index.ts'
import { failing, open, run, settingsFor } from './support.ts'

const missing = noSshd()
const PIECE = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7 + (index >> 8)) % 256))
let sshd: Sshd

beforeAll(async () => {
  if (missing !== undefined) return
  sshd = await startSshd({ users: { ana: {} } })
  await sshd.run('mkdir /run/files && chmod 777 /run/files && mkdir /run/small && mount -t tmpfs -o size=1m tmpfs /run/small && chmod 777 /run/small')
})

afterAll(() => sshd?.close())

function content(megabytes: number): Readable {
  return Readable.from((function* () {
    for (let number = 0; number < megabytes; number++) yield PIECE
  })())
}

async function files(changes = {}) {
  const connection = await open(settingsFor(sshd, changes))
  return { connection, write: connection.writeFile!, read: connection.readFile! }
}

describe.skipIf(missing !== undefined)(`files by sftp${missing === undefined ? '' : ` (${missing})`}`, () => {
  it.each([0, 1, 100, 128 * 1024, 128 * 1024 + 1, 700_000])('come and go whole: %i bytes', async (size) => {
    const { write, read } = await files()
    const bytes = PIECE.subarray(0, size)
    await write('/run/files/file', Readable.from([bytes.subarray(0, 77), bytes.subarray(77)]), { mode: 0o640 })
    expect((await buffer(await read('/run/files/file'))).equals(bytes)).toBe(true)
    expect((await sshd.run('stat -c "%a %s" /run/files/file')).trim()).toBe(`640 ${size}`)
  })

  it('of 300 MB come and go without being held in memory', async () => {
    const { connection, write, read } = await files()
    await write('/dev/shm/large', content(300), { mode: 0o600 })
    expect((await run(connection, sh`wc -c </dev/shm/large; head -c 1048576 /dev/shm/large | cmp - /dev/shm/large 2>&1 | head -c 20`)).stdout).toContain('314572800')
    let size = 0
    let held = 0
    for await (const chunk of await read('/dev/shm/large')) {
      size += (chunk as Buffer).length
      held = Math.max(held, process.memoryUsage().arrayBuffers)
    }
    expect(size).toBe(300 << 20)
    expect(held).toBeLessThan(200 << 20)
    await run(connection, sh`rm /dev/shm/large`)
  })

  it('that say they are empty are read to their end', async () => {
    const { read } = await files()
    expect((await buffer(await read('/proc/self/status'))).toString()).toContain('State:')
  })

  it('are read no further than they are wanted', async () => {
    const { write, read } = await files()
    await write('/run/files/file', content(20), { mode: 0o600 })
    for await (const chunk of await read('/run/files/file')) {
      expect((chunk as Buffer).length).toBeGreaterThan(0)
      break
    }
    expect((await buffer(await read('/run/files/file'))).length).toBe(20 << 20)
  })

  it('keep no older, longer content', async () => {
    const { write, read } = await files()
    await write('/run/files/file', content(1), { mode: 0o600 })
    await write('/run/files/file', Readable.from([Buffer.from('short')]), { mode: 0o644 })
    expect([(await buffer(await read('/run/files/file'))).toString(), (await sshd.run('stat -c %a /run/files/file')).trim()]).toEqual(['short', '644'])
  })

  it('several at once share one session', async () => {
    const before = sshd.log().length
    const { connection, write, read } = await files()
    const shells = await Promise.all([1, 2, 3].map(() => connection.spawn(sh`exec sh`)))
    await Promise.all(Array.from({ length: 20 }, (_, number) => write(`/run/files/${number}`, Readable.from([Buffer.from(`file ${number}`)]), { mode: 0o600 })))
    expect(await Promise.all(Array.from({ length: 20 }, async (_, number) => (await buffer(await read(`/run/files/${number}`))).toString()))).toEqual(Array.from({ length: 20 }, (_, number) => `file ${number}`))
    expect(sshd.log().slice(before).match(/Accepted publickey/g)).toHaveLength(1)
    for (const shell of shells) shell.stdin.end()
  })

  it('that cannot be written or read say why, with their path', async () => {
    const { write, read } = await files({ user: 'ana' })
    const one = () => Readable.from([Buffer.from('x')])
    expect(await failing(write('/etc/nothing-of-mine', one(), { mode: 0o600 }))).toMatchObject({ code: 'WRITE_FAILED', message: '/etc/nothing-of-mine: Permission denied' })
    expect(await failing(write('/run/files/none/x', one(), { mode: 0o600 }))).toMatchObject({ code: 'WRITE_FAILED', message: '/run/files/none/x: No such file or directory' })
    expect(await failing(read('/etc/shadow'))).toMatchObject({ code: 'READ_FAILED', message: '/etc/shadow: Permission denied' })
    expect(await failing(read('/run/files'))).toMatchObject({ code: 'READ_FAILED' })
  })

  it('that do not fit say that the disk is full', async () => {
    const { write } = await files()
    expect(await failing(write('/run/small/large', content(3), { mode: 0o600 }))).toMatchObject({ code: 'DISK_FULL', message: '/run/small/large: No space left on device' })
    await sshd.run('rm /run/small/large')
  })

  it('whose source breaks off are an error', async () => {
    const { write } = await files()
    const breaks = Readable.from((async function* () {
      yield PIECE
      throw new Error('the source is gone')
    })())
    expect(await failing(write('/run/files/broken', breaks, { mode: 0o600 }))).toMatchObject({ code: 'WRITE_FAILED', message: '/run/files/broken: the source is gone' })
  })

  it('go on by another sftp when the one was ended', async () => {
    const other = await startSshd({ config: 'Subsystem sftp /usr/lib/openssh/sftp-server' })
    onTestFinished(() => other.close())
    const { writeFile, readFile } = await open(settingsFor(other))
    await writeFile!('/run/file', content(20), { mode: 0o600 })
    const reading = await readFile!('/run/file')
    const first = reading[Symbol.asyncIterator]()
    await first.next()
    await other.run('kill $(pidof sftp-server)')
    const rest = failing((async () => {
      while (!(await first.next()).done) continue
    })())
    expect((await rest).code).toMatch(/^(READ_FAILED|CONNECTION_LOST)$/)
    expect((await buffer(await readFile!('/run/file'))).length).toBe(20 << 20)
  })

  it('on their way are an error when the connection is lost', async () => {
    const other = await startSshd()
    onTestFinished(() => other.close())
    const connection = await open(settingsFor(other))
    let begun: () => void = () => {}
    const flowing = new Promise<void>((resolve) => {
      begun = resolve
    })
    const endless = Readable.from((async function* () {
      for (;;) {
        yield PIECE
        begun()
      }
    })())
    const writing = failing(connection.writeFile!('/dev/null', endless, { mode: 0o600 }))
    await flowing
    await other.stop({ connections: true })
    expect((await writing).code).toMatch(/^(WRITE_FAILED|CONNECTION_LOST)$/)
  })
})

describe.skipIf(missing !== undefined)(`files without sftp${missing === undefined ? '' : ` (${missing})`}`, () => {
  it('are told of before anything is read, and go through the shell in a session', async () => {
    const bare = await startSshd({ config: 'Subsystem sftp /bin/false' })
    onTestFinished(() => bare.close())
    const connection = await open(settingsFor(bare))
    const source = Readable.from([PIECE])
    expect(await failing(connection.writeFile!('/run/x', source, { mode: 0o600 }))).toMatchObject({ code: 'FILE_TRANSFER_UNSUPPORTED' })
    expect(source.readableDidRead).toBe(false)
    const session = await openSession(connection, { host: 'web', password: async () => undefined })
    const [answer] = await session.exchange([{ as: {}, parts: [{ kind: 'write', path: '/run/file', content: PIECE }] }])
    expect(answer?.[0]).toMatchObject({ state: 'done', code: 0 })
    expect((await buffer(session.read('/run/file', {}))).equals(PIECE)).toBe(true)
    await session.close('done')
  })

  it('are not asked for where the host is told to use the shell', async () => {
    const connection = await open(settingsFor(sshd, { fileTransfer: 'shell' }))
    expect([connection.writeFile, connection.readFile]).toEqual([undefined, undefined])
  })
})
