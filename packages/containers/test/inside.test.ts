import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { ChaosError, script, sh } from '@chaos/core'
import type { Process } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { BEGIN, END, inside, saidInstead } from '../src/process.ts'
import type { Inside, InsideOptions } from '../src/process.ts'

/** A process of this machine; as behind a stream, nothing ends it but what says so. */
function run(...argv: readonly string[]): Process {
  const child = spawn('sh', argv, { stdio: 'pipe' })
  const exit = once(child, 'exit').then(([code]) => ({ code: code as number | null }))
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit }
}

/** Processes of this machine, and what was asked for them. */
function here(more: Partial<InsideOptions> = {}): { made: Inside; asked: string[] } {
  const asked: string[] = []
  const made = inside({
    async begin(command, mark, { signal }) {
      signal.addEventListener('abort', () => asked.push('signal'))
      return run('-c', BEGIN.text, 'sh', mark, '', 'sh', '-c', command.text)
    },
    async end(pids) {
      asked.push('end')
      return (await run('-c', END.text, 'sh', ...pids).exit).code === 0
    },
    notBegun: async (process, printed) => new ChaosError('SPAWN_FAILED', { message: (await saidInstead(process, printed)).reason }),
    ...more,
  })
  return { made, asked }
}

const left = (): ChaosError => new ChaosError('PROCESS_LEFT', { message: 'It may still run.' })
const ORPHAN = script('(sleep 100 &) & wait; echo ready; read never')

describe.skipIf(process.platform !== 'linux')('processes inside something', () => {
  it('say what they say, without the line', async () => {
    const { stdin, stdout, stderr, exit } = await here().made.spawn(sh`cat; echo error >&2; exit 3`)
    stdin.end('input')
    expect(await Promise.all([text(stdout), text(stderr), exit])).toEqual(['input', 'error\n', { code: 3 }])
  })

  it('are over when nothing is left after an abort, and only then', async () => {
    const { made, asked } = here()
    const abort = new AbortController()
    const { stdout, exit } = await made.spawn(ORPHAN, { signal: abort.signal })
    await once(stdout, 'data')
    abort.abort()
    expect((await exit).code).not.toBe(0)
    expect(asked).toEqual(['end', 'signal'])
    // Whoever could write there is gone.
    expect(await text(stdout)).toBe('')
    await made.end()
    expect(asked).toEqual(['end', 'signal'])
  })

  it('end together, by one command', async () => {
    const { made, asked } = here()
    const both = await Promise.all([made.spawn(ORPHAN), made.spawn(ORPHAN)])
    for (const { stdout } of both) await once(stdout, 'data')
    await made.end()
    expect(asked).toEqual(['end', 'signal', 'signal'])
    expect(await Promise.all(both.map(({ stdout }) => text(stdout)))).toEqual(['', ''])
  })

  it('do not begin after an abort', async () => {
    const { made, asked } = here()
    await expect(made.spawn(sh`:`, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
    expect(asked).toEqual([])
  })

  it('that could not be ended say so, when nothing else would end them', async () => {
    for (const end of [async () => false, () => Promise.reject(new Error('out of reach'))]) {
      const { made } = here({ end, left })
      const abort = new AbortController()
      const [one, other] = await Promise.all([made.spawn(sh`read never`, { signal: abort.signal }), made.spawn(sh`read never`)])
      abort.abort()
      await expect(one.exit).rejects.toMatchObject({ code: 'PROCESS_LEFT' })
      await made.end()
      await expect(other.exit).rejects.toMatchObject({ code: 'PROCESS_LEFT' })
      for (const { stdin } of [one, other]) stdin.end()
    }
  })

  it('that do not begin are told with what was printed instead', async () => {
    const { made } = here({ begin: async () => run('-c', 'echo no such file >&2; exit 127') })
    await expect(made.spawn(sh`:`)).rejects.toMatchObject({ code: 'SPAWN_FAILED', message: 'no such file' })
    expect(await saidInstead(run('-c', 'exit 126'), 'sh: Argument list too long')).toEqual({ code: 126, reason: 'sh: Argument list too long', long: true })
  })
})
