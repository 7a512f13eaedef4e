import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { BEGIN, END, takePids } from '../src/process.ts'

const SHELLS = [['dash'], ['bash'], ['busybox', 'sh'], ['mksh']] as const
const has = (program: string, ...args: readonly string[]): boolean => spawnSync(program, [...args, '-c', ':']).status === 0

/** A program behind its line, started by `way`. Gives its pids, and the pid and session that it has. */
async function begun(way: readonly string[], above: string, detached = false): Promise<{ pids: readonly string[] | undefined; pid: string; session: string }> {
  const argv: readonly string[] = [...way, '-c', BEGIN.text, 'sh', 'mark', above, 'sh', '-c', 'read -r a b c d e session more </proc/$$/stat; echo $$ $session']
  const [program = '', ...args] = argv
  const { stdout, stderr } = spawn(program, args, { detached, stdio: ['ignore', 'pipe', 'pipe'] })
  const [{ pids }, said] = await Promise.all([takePids(stderr, 'mark'), text(stdout)])
  const [pid = '', session = ''] = said.trim().split(' ')
  return { pids, pid, session }
}

describe.skipIf(process.platform !== 'linux')('beginning a program', () => {
  for (const [program, ...args] of SHELLS) describe.skipIf(!has(program, ...args))(`with ${program} (needs ${program})`, () => {
    const way = [program, ...args]

    it('makes a session for it where its own is neither its own nor that of what it came from', async () => {
      const { pids, pid, session } = await begun(way, '')
      expect([pids, session]).toEqual([[pid], pid])
    })

    it('leaves it in that of what it came from', async () => {
      const { pids, pid, session } = await begun(['setsid', 'sh', '-c', `${way.join(' ')} -c "$1" sh mark $$ sh -c "$7"; :`], '')
      expect(pids).toEqual([session, pid])
      expect(pid).not.toBe(session)
    })

    it('leaves the leader of a group as it is', async () => {
      const { pids, pid, session } = await begun(way, '', true)
      expect([pids, session]).toEqual([[pid], pid])
    })
  })

  it('lets what has lost its parent be found, and ended', async () => {
    const program = spawn('sh', ['-c', BEGIN.text, 'sh', 'mark', '', 'sh', '-c', '(sleep 100 &)'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const { pids = [] } = await takePids(program.stderr, 'mark')
    await once(program, 'exit')
    expect(spawnSync('sh', ['-c', END.text, 'sh', ...pids]).status).toBe(0)
    // Whoever could write there is gone.
    expect(await text(program.stdout)).toBe('')
  })
})
