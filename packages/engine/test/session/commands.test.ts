import { sh, script } from '@chaos/core'
import { afterEach, describe, expect, it } from 'vitest'
import { openSession } from '../../src/session/index.ts'
import type { CommandPart, PartAnswer, Session } from '../../src/session/index.ts'
import { find, localConnection, shells } from './local-connection.ts'

const sessions: Session[] = []
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close('done')
})

async function open(shell: string, connection = localConnection(shell)): Promise<Session> {
  const session = await openSession(connection, { host: 'here', password: async () => undefined })
  sessions.push(session)
  return session
}

const command = (text: string, more: Partial<CommandPart> = {}): CommandPart => ({ kind: 'command', command: script(text), ...more })
const shown = (answer: PartAnswer | undefined) =>
  answer?.state === 'done' ? [answer.code, Buffer.from(answer.stdout).toString(), Buffer.from(answer.stderr).toString()] : [answer?.state]

for (const shell of shells) {
  describe.skipIf(!find(shell))(`${shell}${find(shell) ? '' : ' (not installed)'}`, () => {
    for (const trusted of [false, true]) {
      it(`keeps codes, stdout and stderr of parts apart (${trusted ? 'trusted' : 'isolated'})`, async () => {
        const session = await open(shell)
        const texts: [string, unknown[]][] = [
          ['echo out; echo err >&2; exit 3', [3, 'out\n', 'err\n']],
          ['printf no-newline', [0, 'no-newline', '']],
          ['set -e; false; echo never', [1, '', '']],
          ['cat; echo "eof $?"', [0, 'eof 0\n', '']],
          ['cd /usr; umask 077; x=1; readonly y=2; exec 5>/dev/null; echo a', [0, 'a\n', '']],
          ['pwd; case $(umask) in *22) echo 22;; esac; echo "${x-unset} ${y-unset}"', [0, '/\n22\nunset unset\n', '']],
          ['trap "echo bye" EXIT; echo hello', [0, 'hello\nbye\n', '']],
          ['exec 1>&- 2>&-; exit 4', [4, '', '']],
          ['echo "it\'s" # comment', [0, "it's\n", '']],
          ['echo "$_" | grep -c M', [1, '0\n', '']],
        ]
        const [answers] = await session.exchange([{ as: {}, parts: texts.map(([text]) => command(text, { trusted })) }])
        expect(answers?.map(shown)).toEqual(texts.map(([, expected]) => expected))
        const [broken] = await session.exchange([{ as: {}, parts: ['echo "', "echo '", '( echo', 'if', 'echo trailing \\', 'cat <<X\nhere', ')'].map((text) => command(text, { trusted })) }])
        expect(broken?.map((answer) => answer.state)).toEqual(Array(7).fill('done'))
        const [after] = await session.exchange([{ as: {}, parts: [command('echo alive', { trusted })] }])
        expect(after?.map(shown)).toEqual([[0, 'alive\n', '']])
        expect(session.exchanges).toBe(3)
      })
    }

    it('gives stdin to a command, whatever bytes it holds', async () => {
      const session = await open(shell)
      const bytes = Buffer.concat([Buffer.from([...Array(256).keys()]), Buffer.from('\x001\\0%s\\c\n'), Buffer.alloc(70_000, '\0ab')])
      const [answer] = await session.exchange([{ as: {}, parts: [
        { kind: 'command', command: sh`cat`, stdin: bytes },
        { kind: 'command', command: sh`cat`, stdin: bytes, trusted: true },
        { kind: 'command', command: sh`true`, stdin: bytes },
      ] }])
      for (const part of answer?.slice(0, 2) ?? []) {
        expect(part.state === 'done' && Buffer.from(part.stdout).equals(bytes)).toBe(true)
      }
      expect(shown(answer?.[2])).toEqual([0, '', ''])
    })

    it('survives kill 0 and ends at a time-out with everything that was started', async () => {
      const connection = localConnection(shell)
      const session = await open(shell, connection)
      const stays = `sleep 9${process.pid}`
      const [first] = await session.exchange([{ as: {}, parts: [command('kill 0'), command('echo "$$" >/dev/null; echo next')] }])
      expect(first?.map(shown)).toEqual([[143, '', expect.any(String)], [0, 'next\n', '']])
      const [second] = await session.exchange([{ as: {}, parts: [command(`trap "" TERM; echo begun; (${stays} & ${stays}) & setsid ${stays}`, { timeout: 0.3 }), command('echo never')] }])
      expect(second?.map((part) => part.state)).toEqual(['ended', 'skipped'])
      const [third] = await session.exchange([{ as: {}, parts: [command(`cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c '${stays.replace('9', '[9]')} '`)] }])
      expect(shown(third?.[0])).toEqual([1, '0\n', ''])
      // Not because the shell was given up.
      expect(connection.children).toHaveLength(1)
    })

    it('ends at the first failure where it is asked to', async () => {
      const session = await open(shell)
      const parts = [command('exit 2', { exit: [0, 2] }), command('exit 1'), command('echo never')]
      const [answer] = await session.exchange([{ as: {}, parts, stopAtFailure: true }])
      expect(answer?.map((part) => part.state)).toEqual(['done', 'done', 'skipped'])
    })
  })
}
