import assert from 'node:assert/strict'
import { buffer, text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { script, sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { ask, drained } from './ask.ts'
import { stoppingTests } from './connector-stopping.ts'
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
      assert.deepEqual(await ask(connection, sh`echo out; echo err >&2; exit 3`), { stdout: 'out\n', stderr: 'err\n', code: 3 })
    })

    test('runs commands by a POSIX sh, whatever they hold', async (connection) => {
      const odd = `it's "quoted" $HOME \`id\` \\ *\n\ttab é ☃ 🎉`
      assert.equal((await ask(connection, sh`printf %s ${odd}`)).stdout, odd)
      assert.equal((await ask(connection, script('set -- a b; for each do printf "[%s]" "$each"; done'))).stdout, '[a][b]')
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
      const { stdout, code } = await ask(connection, sh`i=0; while [ $i -lt 20000 ]; do echo "line $i of the output"; i=$((i+1)); done`)
      const lines = stdout.trimEnd().split('\n')
      assert.deepEqual([lines.length, lines.at(-1), code], [20000, 'line 19999 of the output', 0])
    })

    test('runs several commands side by side', async (connection) => {
      const answers = await Promise.all([1, 2, 3].map((number) => ask(connection, sh`echo ${number}; exit ${number}`)))
      assert.deepEqual(answers.map(({ stdout, code }) => [stdout, code]), [['1\n', 1], ['2\n', 2], ['3\n', 3]])
    })

    test('survives a command that does not read its stdin', async (connection) => {
      const running = await connection.spawn(sh`exit 0`)
      running.stdin.on('error', () => {})
      running.stdin.write(Buffer.alloc(1 << 20))
      const [end] = await Promise.all([running.exit, drained(running.stdout), drained(running.stderr)])
      assert.equal(end.code, 0)
    })

    test('ends a command that reads none of its stdin, without it being ended', async (connection) => {
      const running = await connection.spawn(sh`echo out; echo err >&2`)
      const [stdout, stderr, { code }] = await Promise.all([text(running.stdout), text(running.stderr), running.exit])
      assert.deepEqual([stdout, stderr, code], ['out\n', 'err\n', 0])
    })

    test('keeps what was printed for who reads it late, also behind the end', async (connection) => {
      const running = await connection.spawn(sh`echo out; echo err >&2`)
      const { code } = await running.exit
      await turn()
      assert.deepEqual([await text(running.stdout), await text(running.stderr), code], ['out\n', 'err\n', 0])
    })

    test('passes a stdin of no bytes', async (connection) => {
      assert.deepEqual(await ask(connection, sh`read line; echo "$? [$line]"; cat; echo end`), { stdout: '1 []\nend\n', stderr: '', code: 0 })
    })

    test('loses nothing of a megabyte on stderr', async (connection) => {
      const large = sh`s=0123456789abcdef; for twice in 1 2 3 4 5 6; do s=$s$s; done; i=0; while [ $i -lt 1024 ]; do printf %s $s >&2; i=$((i+1)); done; echo end`
      const { stdout, stderr, code } = await ask(connection, large)
      assert.deepEqual([stdout, stderr.length, code], ['end\n', 1 << 20, 0])
      assert.ok(stderr === '0123456789abcdef'.repeat(1 << 16), 'it is not what was written')
    })

    it('opens twice at once', async () => {
      const both = await Promise.all([open(), open()])
      try {
        const answers = await Promise.all(both.map((connection, index) => ask(connection, sh`read line; echo ${index}`)))
        assert.deepEqual(answers.map(({ stdout }) => stdout), ['0\n', '1\n'])
      } finally {
        for (const connection of both) await connection.close({ outcome: 'done' })
      }
    })

    stoppingTests(test, open, terminal)

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
