import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { script, sh } from '@chaos/core'
import type { Connection, Process } from '@chaos/core'
import { ask, drained, left } from './ask.ts'

/** What runs until it is ended, by what is special about it. Each process prints its id in a line. */
const STUBBORN = [
  { what: 'what runs in the background', processes: 2, command: script('sh -c \'echo $$; exec sleep 300\' & echo $$; sleep 300') },
  {
    what: 'what ignores TERM and HUP',
    processes: 2,
    command: script('trap "" TERM HUP; sh -c \'echo $$; while :; do sleep 1; done\' & echo $$; while :; do sleep 1; done'),
  },
  {
    // `set -m`, which would do it without a program, wants a terminal in many shells. A shell whose child is ended first waits no more.
    what: 'a child with a process group and session of its own',
    processes: 2,
    command: script('own=$(command -v setsid) || own=; $own sh -c \'echo $$; exec sleep 300\' & echo $$; wait; exit 1'),
  },
] as const

/** Milliseconds that processes may take to end. */
const END = 30_000

type Test = (title: string, body: (connection: Connection) => Promise<void>) => void

/** How what was started ends, for every connector that opens; looked at by a second command. */
export function stoppingTests(test: Test, open: () => Promise<Connection>, terminal: boolean): void {
  for (const { what, processes, command } of STUBBORN) {
    for (const on of terminal ? [false, true] : [false]) {
      test(`leaves nothing running when it is aborted: ${what}${on ? ', on a terminal' : ''}`, async (connection) => {
        const abort = new AbortController()
        const running = await connection.spawn(command, { signal: abort.signal, terminal: on })
        const pids = await started(running, processes)
        abort.abort()
        const end = await Promise.race([running.exit.catch(() => ({ code: null })), sleep(END, undefined, { ref: false })])
        assert.ok(end, 'it did not end within thirty seconds')
        assert.notEqual(end.code, 0)
        assert.equal((await ask(connection, left(pids))).stdout, 'gone\n')
      })
    }
  }

  test('does not start what was aborted before', async (connection) => {
    await assert.rejects(connection.spawn(sh`echo started`, { signal: AbortSignal.abort() }))
  })

  test('tells that a command could not be started, and goes on', async (connection) => {
    // Longer than Linux lets any argument be.
    const refused = await ask(connection, sh`: ${'x'.repeat(200_000)}`).catch((error: unknown) => error)
    if (!(refused instanceof Error)) {
      const { code, stderr } = refused as { code: number | null; stderr: string }
      assert.notEqual(code, 0)
      assert.notEqual(stderr, '')
    }
    assert.equal((await ask(connection, sh`echo on`)).stdout, 'on\n')
  })

  test('ends what it started when it is closed, and nothing of another connection', async (second) => {
    const first = await open()
    const other = await second.spawn(sh`read line; echo "got $line"`)
    const running = await first.spawn(sh`echo $$; exec sleep 300`)
    running.exit.catch(() => {})
    const pids = await started(running, 1)
    await first.close({ outcome: 'aborted' })
    assert.equal((await ask(second, left(pids))).stdout, 'gone\n')
    other.stdin.end('hello\n')
    const [chunks] = await Promise.all([other.stdout.toArray(), drained(other.stderr)])
    assert.deepEqual([Buffer.concat(chunks as Buffer[]).toString(), (await other.exit).code], ['got hello\n', 0])
  })
}

/** The process ids that so many lines of its output are. What comes later is nobody's. */
async function started({ stdout, stderr, exit }: Process, count: number): Promise<string[]> {
  stderr.resume()
  let seen = ''
  return new Promise((resolve, reject) => {
    stdout.on('error', () => {}).on('data', (chunk: Buffer) => {
      seen += String(chunk)
      const lines = seen.split(/\r?\n/).slice(0, -1)
      if (lines.length === count) resolve(lines)
    })
    exit.then(({ code }) => reject(new Error(`it ended with code ${code}: ${seen}`)), reject)
  })
}
