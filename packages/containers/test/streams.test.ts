import { Duplex, PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { demux } from '../src/http/demux.ts'
import { lastLines } from '../src/http/log.ts'
import { splitImage } from '../src/http/image-name.ts'
import { prefixOf } from '../src/http/version.ts'
import { takePids } from '../src/process/first-line.ts'

function frame(type: number, bytes: Buffer): Buffer {
  const header = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}

/** The same bytes in chunks of any sizes. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

function source(chunks: readonly Buffer[]): Duplex {
  const stream = new PassThrough()
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  return stream
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 })

describe('an engine’s stream', () => {
  it('gives back what a program wrote to stdout and to stderr, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ type: fc.constantFrom(1, 2), bytes })), sizes, async (frames, at) => {
        const { stdout, stderr, ended } = demux(source(cut(Buffer.concat(frames.map((each) => frame(each.type, each.bytes))), at)), false)
        const of = (type: number): Buffer => Buffer.concat(frames.filter((each) => each.type === type).map((each) => each.bytes))
        expect(await Promise.all([buffer(stdout), buffer(stderr)])).toEqual([of(1), of(2)])
        await ended
      }),
    )
  })

  it('of a terminal is all stdout', async () => {
    const { stdout, stderr } = demux(source([frame(2, Buffer.from('x'))]), true)
    expect(await Promise.all([buffer(stdout), buffer(stderr)])).toEqual([frame(2, Buffer.from('x')), Buffer.alloc(0)])
  })

  it('is not read on while nobody reads what came, and is when somebody does', async () => {
    const part = Buffer.alloc(64 * 1024, 'x')
    let given = 0
    const endless = new Duplex({
      read() {
        given += part.length
        this.push(given > 10_000_000 ? null : frame(1, part))
      },
      write: (_, __, done) => done(),
    })
    const { stdout, stderr, ended } = demux(endless, false)
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    expect(given).toBeLessThan(1_000_000)
    stderr.resume()
    expect((await buffer(stdout)).length).toBe(Math.floor(10_000_000 / part.length) * part.length)
    await ended
  })

  it('ends when its reader goes away', async () => {
    const part = Buffer.alloc(64 * 1024, 'x')
    const { stdout, stderr, ended } = demux(source(Array.from({ length: 20 }, () => frame(1, part))), false)
    stdout.destroy()
    stderr.resume()
    await ended
    expect(stdout.destroyed).toBe(true)
  })
})

describe('the line that tells a process', () => {
  it('is taken out, and all else is left, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.constantFrom('', '12'), fc.integer({ min: 1, max: 4_000_000 }), sizes, async (before, after, above, pid, at) => {
        const mark = 'a1b2c3d4e5f6'
        fc.pre(!before.includes(mark))
        const stream = source(cut(Buffer.concat([before, Buffer.from(`${mark} ${above} ${pid}\n`), after]), at))
        expect((await takePids(stream, mark)).pids).toEqual([above, String(pid)].filter(Boolean))
        expect(await buffer(stream)).toEqual(Buffer.concat([before, after]))
      }),
    )
  })

  it('that does not come gives what came instead', async () => {
    expect(await takePids(source([Buffer.from('no such '), Buffer.from('file')]), 'mark')).toEqual({ pids: undefined, rest: 'no such file' })
  })
})

describe('small things of the protocol', () => {
  it('takes the last lines out of a log with and without frames', () => {
    const log = Buffer.concat([frame(1, Buffer.from('one\ntwo\n')), frame(2, Buffer.from('three\n\n')), frame(1, Buffer.from('four'))])
    expect(lastLines(log, 3)).toEqual(['two', 'three', 'four'])
    expect(lastLines(Buffer.from('one\r\ntwo\r\n'), 5)).toEqual(['one', 'two'])
    expect(lastLines(Buffer.alloc(0), 5)).toEqual([])
  })

  it.each([
    ['debian', 'debian', 'latest'],
    ['debian:12', 'debian', '12'],
    ['registry:5000/a/b', 'registry:5000/a/b', 'latest'],
    ['registry:5000/a/b:1.2', 'registry:5000/a/b', '1.2'],
    ['debian@sha256:abc', 'debian', 'sha256:abc'],
  ])('splits %s', (image, name, tag) => {
    expect(splitImage(image)).toEqual({ name, tag })
  })

  it.each([
    ['1.24', '/v1.24'],
    ['1.51', '/v1.51'],
    ['1.99', '/v1.51'],
    ['2.0', '/v1.51'],
    ['', ''],
    ['1.x', ''],
  ])('speaks to an engine of version %j as %j', (version, prefix) => {
    expect(prefixOf(version)).toBe(prefix)
  })
})
