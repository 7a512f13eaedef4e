import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { isConnector, script, sh } from '@chaos/core'
import type { Connection, ConnectorContext } from '@chaos/core'
import { connectorRunSuite, connectorSuite } from '@chaos/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { files } from '../../operations/src/index.ts'
import local from '../src/index.ts'

let folder: string
let connection: Connection

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-local-'))
  // Its lock too: tests of others apply to this machine at the same time.
  vi.stubEnv('CHAOS_STATE_FOLDER', join(folder, 'state'))
  connection = await open('')
})

afterEach(async () => {
  await connection.close({ outcome: 'done' })
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function open(argument: string): Promise<Connection> {
  const host = argument === '' ? '@local' : `@local/${argument}`
  return local.open!({ host, argument, data: {}, below: [] }, {} as ConnectorContext)
}

it('has the environment of chaos, without the key that opens all secrets', async () => {
  vi.stubEnv('SOPS_AGE_KEY', 'canary')
  vi.stubEnv('CHAOS_TEST_OTHER', 'other')
  const { stdout } = await connection.spawn(script('echo "$SOPS_AGE_KEY,$CHAOS_TEST_OTHER"'))
  expect(await text(stdout)).toBe(',other\n')
})

/** Processes of this machine, zombies excepted, whose command line holds a text. */
function processes(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const state = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0]
        return state !== 'Z' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)
      } catch {
        return false
      }
    })
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

connectorSuite({ name: '@local', open: () => open(''), terminal: existsSync('/usr/bin/script'), describe, it })
connectorRunSuite({ name: '@local', host: () => ({ name: '@local' }), connectors: { local }, files, describe, it })

describe('@local', () => {
  it('is a connector', () => {
    expect(isConnector(local)).toBe(true)
  })

  it('takes no argument', async () => {
    await expect(open('x')).rejects.toMatchObject({ code: 'CONNECTOR_ARGUMENT', host: '@local/x', hint: 'Write @local.' })
  })

  it('keeps stdout, stderr and the exit code apart', async () => {
    const running = await connection.spawn(sh`echo out; echo err >&2; exit 3`)
    expect(await Promise.all([text(running.stdout), text(running.stderr), running.exit])).toEqual(['out\n', 'err\n', { code: 3 }])
  })

  it('passes every byte of stdin', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const running = await connection.spawn(sh`cat`)
    running.stdin.end(bytes)
    const chunks: Buffer[] = []
    for await (const chunk of running.stdout) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
  })

  it('outlives a program that does not read its stdin', async () => {
    const running = await connection.spawn(sh`exit 0`)
    running.stdin.write(Buffer.alloc(1 << 20))
    expect(await running.exit).toEqual({ code: 0 })
  })

  it('tells the signal that ended a process', async () => {
    const running = await connection.spawn(script('kill -s KILL $$'))
    expect(await running.exit).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('survives a script that kills its own process group', async () => {
    const running = await connection.spawn(sh`kill -s KILL 0`)
    expect((await running.exit).signal).toBe('SIGKILL')
  })

  it('refuses a command that is too long, instead of crashing', async () => {
    await expect(connection.spawn(sh`: ${'x'.repeat(4 << 20)}`)).rejects.toMatchObject({ code: 'SPAWN_FAILED' })
  })

  it.each([
    ['a child and a grandchild', (mark: string) => script(`(sh -c 'sleep 1000; : ${mark}'; :) & sleep 1000; : ${mark}`)],
    ['what ignores TERM', (mark: string) => script(`trap '' TERM; (sh -c 'while :; do sleep 1; done; : ${mark}'; :) & while :; do sleep 1; done; : ${mark}`)],
  ])('ends %s when aborted', async (_, command) => {
    const mark = folder
    const abort = new AbortController()
    const running = await connection.spawn(command(mark), { signal: abort.signal })
    await waitFor(() => processes(mark).length >= 2)
    abort.abort()
    expect((await running.exit).signal).toBeDefined()
    expect(processes(mark)).toEqual([])
  })

  it('ends what it started when it is closed', async () => {
    const other = await open('')
    const running = await other.spawn(script(`sleep 1000 & sh -c 'sleep 1000; : ${folder}'; : ${folder}`))
    await waitFor(() => processes(folder).length >= 2)
    await other.close({ outcome: 'aborted' })
    expect(processes(folder)).toEqual([])
    expect((await running.exit).signal).toBeDefined()
  })

  it('does not start what was aborted before', async () => {
    await expect(connection.spawn(sh`touch ${join(folder, 'made')}`, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
    expect(existsSync(join(folder, 'made'))).toBe(false)
  })

  it('reaches a port and a socket file', async () => {
    for (const place of [{ port: 0, host: '127.0.0.1' }, { path: join(folder, 'socket') }]) {
      const server = createServer((socket) => socket.end('hello')).listen(place)
      await once(server, 'listening')
      const address = server.address()
      const to = typeof address === 'string' ? { path: address } : { host: '127.0.0.1', port: address!.port }
      expect(await text(await connection.dial!(to))).toBe('hello')
      server.close()
    }
  })

  it('says what it could not reach', async () => {
    await expect(connection.dial!({ path: join(folder, 'nothing') })).rejects.toMatchObject({ code: 'DIAL_FAILED' })
  })
})

describe.skipIf(!existsSync('/usr/bin/script'))('a terminal of @local (needs script of util-linux)', () => {
  it('is a terminal, and gives the exit code', async () => {
    const running = await connection.spawn(sh`test -t 0 && test -t 1 && echo yes; exit 5`, { terminal: true })
    expect(await Promise.all([text(running.stdout), running.exit])).toEqual(['yes\r\n', { code: 5 }])
  })

  it('passes what is typed', async () => {
    const running = await connection.spawn(sh`stty -echo; echo ready; read line; echo "got $line"`, { terminal: true })
    let seen = ''
    for await (const chunk of running.stdout) {
      seen += String(chunk)
      if (seen === 'ready\r\n') running.stdin.write('hello\n')
    }
    expect(seen).toBe('ready\r\ngot hello\r\n')
    expect(await running.exit).toEqual({ code: 0 })
  })

  it('ends what runs on it when aborted, whatever it ignores', async () => {
    const abort = new AbortController()
    const running = await connection.spawn(script(`trap '' TERM HUP; sh -c 'while :; do sleep 1; done; : ${folder}'; : ${folder}`), { terminal: true, signal: abort.signal })
    await waitFor(() => processes(folder).length >= 3)
    abort.abort()
    await running.exit
    expect(processes(folder)).toEqual([])
  })

  it('says what to install when there is no script', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = folder
    writeFileSync(join(folder, 'script'), '')
    try {
      await expect(connection.spawn(sh`true`, { terminal: true })).rejects.toMatchObject({ code: 'TERMINAL_MISSING' })
    } finally {
      process.env['PATH'] = path
    }
  })
})
