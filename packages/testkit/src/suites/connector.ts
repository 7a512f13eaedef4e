import assert from 'node:assert/strict'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { script, sh } from '@chaos/core'
import type { Command, Connection, Process } from '@chaos/core'
import type { Runner } from './runner.ts'

export interface ConnectorSuiteOptions extends Runner {
  /** `@docker/web`, for the tests' names. */
  name: string
  /** Opens a fresh connection to the same machine; the suite closes it. */
  open: () => Promise<Connection>
  /** Whether `spawn` can give a terminal. Default false. */
  terminal?: boolean
}

/** Every byte there is, and 300 KB of it, so that no buffer on the way holds all. */
const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 256))

/** What the engine relies on, for every connector that opens. */
export function connectorSuite({ name, open, terminal = false, describe, it }: ConnectorSuiteOptions): void {
  const test = (title: string, body: (connection: Connection) => Promise<void>): void => {
    it(title, async () => {
      const connection = await open()
      try {
        await body(connection)
      } finally {
        await connection.close({ outcome: 'done' })
      }
    })
  }

  describe(`the connector contract (${name})`, () => {
    test('keeps stdout, stderr and the exit code apart', async (connection) => {
      assert.deepEqual(await run(connection, sh`echo out; echo err >&2; exit 3`), { stdout: 'out\n', stderr: 'err\n', code: 3 })
    })

    test('runs commands by a POSIX sh, whatever they hold', async (connection) => {
      const odd = `it's "quoted" $HOME \`id\` \\ *\n\ttab é ☃ 🎉`
      assert.equal((await run(connection, sh`printf %s ${odd}`)).stdout, odd)
      assert.equal((await run(connection, script('set -- a b; for each do printf "[%s]" "$each"; done'))).stdout, '[a][b]')
    })

    test('passes every byte of stdin and stdout, in order', async (connection) => {
      const running = await connection.spawn(sh`cat`)
      running.stdin.end(BYTES)
      const [back, end] = await Promise.all([buffer(running.stdout), running.exit, drained(running.stderr)])
      assert.ok(back.equals(BYTES), `${back.length} bytes came back of ${BYTES.length}, or others`)
      assert.equal(end.code, 0)
    })

    test('ends stdin when it is ended here, and answers before that', async (connection) => {
      const running = await connection.spawn(sh`read line; echo "got $line"; cat >/dev/null; echo end`)
      running.stdin.write('hello\n')
      let seen = ''
      for await (const chunk of running.stdout) {
        seen += String(chunk)
        if (seen === 'got hello\n') running.stdin.end()
      }
      assert.equal(seen, 'got hello\nend\n')
      assert.equal((await running.exit).code, 0)
    })

    test('loses nothing of a large output', async (connection) => {
      const { stdout, code } = await run(connection, sh`i=0; while [ $i -lt 20000 ]; do echo "line $i of the output"; i=$((i+1)); done`)
      const lines = stdout.trimEnd().split('\n')
      assert.deepEqual([lines.length, lines.at(-1), code], [20000, 'line 19999 of the output', 0])
    })

    test('runs several commands side by side', async (connection) => {
      const answers = await Promise.all([1, 2, 3].map((number) => run(connection, sh`echo ${number}; exit ${number}`)))
      assert.deepEqual(answers.map(({ stdout, code }) => [stdout, code]), [['1\n', 1], ['2\n', 2], ['3\n', 3]])
    })

    test('survives a command that does not read its stdin', async (connection) => {
      const running = await connection.spawn(sh`exit 0`)
      running.stdin.on('error', () => {})
      running.stdin.write(Buffer.alloc(1 << 20))
      const [end] = await Promise.all([running.exit, drained(running.stdout), drained(running.stderr)])
      assert.equal(end.code, 0)
    })

    test('leaves nothing running when it is aborted', async (connection) => {
      const abort = new AbortController()
      const running = await connection.spawn(sh`sleep 300 & echo $! $$; sleep 300`, { signal: abort.signal })
      const [chunk] = (await once(running.stdout, 'data')) as [Buffer]
      abort.abort()
      const end = await Promise.race([running.exit.catch(() => ({ code: null })), sleep(5000, undefined, { ref: false })])
      assert.ok(end, 'it did not end within five seconds')
      assert.notEqual(end.code, 0)
      for (const pid of String(chunk).trim().split(' ')) {
        assert.equal((await run(connection, gone(pid))).stdout, 'gone\n', `process ${pid} still runs`)
      }
    })

    test('does not start what was aborted before', async (connection) => {
      await assert.rejects(connection.spawn(sh`echo started`, { signal: AbortSignal.abort() }))
    })

    it('ends what it started when it is closed', async () => {
      const first = await open()
      const running = await first.spawn(sh`echo $$; exec sleep 300`)
      running.exit.catch(() => {})
      const [chunk] = (await once(running.stdout, 'data')) as [Buffer]
      await first.close({ outcome: 'aborted' })
      const second = await open()
      try {
        assert.equal((await run(second, gone(String(chunk).trim()))).stdout, 'gone\n')
      } finally {
        await second.close({ outcome: 'done' })
      }
    })

    it('closes for every outcome', async () => {
      for (const outcome of ['done', 'failed', 'aborted', 'dry'] as const) await (await open()).close({ outcome })
    })

    if (terminal) {
      test('gives a terminal when it is asked to, and an exit code from it', async (connection) => {
        const running = await connection.spawn(sh`test -t 0 && test -t 1 && echo yes; exit 5`, { terminal: true })
        const [stdout, end] = await Promise.all([text(running.stdout), running.exit])
        assert.deepEqual([stdout.trim(), end.code], ['yes', 5])
      })
    }
  })
}

async function run(connection: Connection, command: Command): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const running = await connection.spawn(command)
  running.stdin.end()
  const [stdout, stderr, { code }] = await Promise.all([text(running.stdout), text(running.stderr), running.exit])
  return { stdout, stderr, code }
}

async function drained(stream: Process['stdout']): Promise<void> {
  for await (const _ of stream) continue
}

/** Waits up to five seconds for a process to be gone. A zombie that nobody collects is gone. */
function gone(pid: string): Command {
  return sh`i=0
    while kill -s 0 ${pid} 2>/dev/null && ! grep -q '^State:.*Z' /proc/${pid}/status 2>/dev/null; do
      i=$((i+1)); [ $i -lt 50 ] || exit 1; sleep 0.1
    done; echo gone`
}
