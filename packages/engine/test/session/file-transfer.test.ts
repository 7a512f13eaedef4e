import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { ChaosError } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSession } from '../../src/session/index.ts'
import type { PartAnswer, Session } from '../../src/session/index.ts'
import { localConnection } from './local-connection.ts'

let folder: string
let session: Session
const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 7 + (index >> 8)) % 256))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-transfer-'))
})
afterEach(async () => {
  await session.close('done')
  rmSync(folder, { recursive: true, force: true })
})

/** A connection with a way of its own for files. */
async function withFiles(files: Required<Pick<Connection, 'writeFile' | 'readFile'>>): Promise<void> {
  session = await openSession({ ...localConnection('sh'), ...files }, { host: 'here', password: async () => undefined })
}

async function write(path: string, content: Buffer): Promise<PartAnswer | undefined> {
  const [answer] = await session.exchange([{ as: {}, parts: [{ kind: 'write', path, content }] }])
  return answer?.[0]
}

const unsupported = () => Promise.reject(new ChaosError('FILE_TRANSFER_UNSUPPORTED', { message: 'here has no sftp.' }))

describe('files on a connection that brings them itself', () => {
  it('go its way when they are large, and are looked at before they are renamed', async () => {
    const asked: string[] = []
    await withFiles({
      writeFile: async (path, content, { mode }) => {
        asked.push(path)
        writeFileSync(path, await buffer(content), { mode })
      },
      readFile: async (path) => {
        asked.push(path)
        return Readable.from([readFileSync(path)])
      },
    })
    const path = join(folder, 'file')
    expect(await write(path, bytes)).toMatchObject({ state: 'done', code: 0 })
    expect((await buffer(session.read(path, {}))).equals(bytes)).toBe(true)
    expect([asked.length, asked[1], statSync(path).mode & 0o777]).toEqual([2, path, 0o644])
  })

  it('go through the shell where the machine turns out to have no such way', async () => {
    await withFiles({ writeFile: unsupported, readFile: unsupported })
    const path = join(folder, 'file')
    expect(await write(path, bytes)).toMatchObject({ state: 'done', code: 0 })
    expect(readFileSync(path).equals(bytes)).toBe(true)
    expect((await buffer(session.read(path, {}))).equals(bytes)).toBe(true)
  })

  it('that could not be written leave nothing, and say why', async () => {
    await withFiles({
      writeFile: async (path) => {
        writeFileSync(path, 'half')
        throw new ChaosError('DISK_FULL', { message: 'No space left on device' })
      },
      readFile: unsupported,
    })
    const path = join(folder, 'file')
    const answer = await write(path, bytes)
    expect(answer?.state === 'done' && Buffer.from(answer.stderr).toString()).toBe(`chaos: ${path}: No space left on device\n`)
    // What was left over is removed behind the answer.
    expect(await write(join(folder, 'other'), Buffer.from('small'))).toMatchObject({ code: 0 })
    expect(readdirSync(folder)).toEqual(['other'])
  })
})
