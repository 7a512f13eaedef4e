import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSecret, secret } from '@chaos/core'
import type { PluginContext } from '@chaos/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPluginContexts } from '../../src/context/index.ts'
import { createRedactor } from '../../src/events/index.ts'
import type { EventBody } from '../../src/events/index.ts'

let folder: string
let abort: AbortController
let events: EventBody[]
const redactor = createRedactor()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-context-'))
  abort = new AbortController()
  events = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const contexts = (prompt?: PluginContext['prompt']) => createPluginContexts({ signal: abort.signal, emit: (event) => events.push(event), redactor, prompt })
const run = (...given: Parameters<PluginContext['run']>) => contexts().of().run(...given)

/** Processes of this machine, zombies excepted, whose command line holds the folder of this test. */
function left(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const state = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0]
      return /^\d+$/.test(pid) && state !== 'Z' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a program of the controller', () => {
  it('runs without a shell', async () => {
    expect(await run(['printf', '%s|', '$HOME', ';', "a'b"])).toEqual({ code: 0, stdout: "$HOME|;|a'b|", stderr: '' })
  })

  it('gives its code, or the signal as a shell says it', async () => {
    expect(await run(['sh', '-c', 'echo no >&2; exit 3'])).toEqual({ code: 3, stdout: '', stderr: 'no\n' })
    expect((await run(['sh', '-c', 'kill -s KILL $$'])).code).toBe(137)
  })

  it('gets its stdin, folder and environment', async () => {
    const options = { stdin: secret('hunter22'), cwd: folder, env: { CHAOS_TEST: 'x' } }
    expect((await run(['sh', '-c', 'cat; echo " $PWD $CHAOS_TEST"'], options)).stdout).toBe(`hunter22 ${folder} x\n`)
    expect(redactor.redact('hunter22')).toBe('***')
  })

  it('may leave its stdin unread', async () => {
    expect((await run(['true'], { stdin: Buffer.alloc(1 << 20) })).code).toBe(0)
  })

  it('is read to its end, and kept up to a limit', async () => {
    const { code, stdout } = await run(['sh', '-c', 'head -c 3000000 /dev/zero; echo end >&2'], { maxOutput: 1000 })
    expect([code, stdout.length]).toEqual([0, 1000])
  })

  it('is given in base64 where it is bytes, its messages as text', async () => {
    const { stdout, stderr } = await run(['sh', '-c', "printf '\\377\\000\\012'; echo é >&2"], { encoding: 'base64' })
    expect([Buffer.from(stdout, 'base64').toString('hex'), stderr]).toEqual(['ff000a', 'é\n'])
  })

  it.each([
    ['and all it started', `sh -c 'sleep 1000; : FOLDER' & sleep 1000; : FOLDER`],
    ['when it ignores TERM', `trap '' TERM; sh -c 'while :; do sleep 1; done; : FOLDER' & while :; do sleep 1; done; : FOLDER`],
  ])('is ended when its time is up, %s', async (_, text) => {
    const ended = run(['sh', '-c', text.replaceAll('FOLDER', folder)], { timeout: 0.3 })
    await expect(ended).rejects.toMatchObject({ code: 'PROGRAM_TIMEOUT', message: 'The program sh did not end within 0.3 seconds, and was ended.' })
    await waitFor(() => left().length === 0)
  })

  it('is ended when the run is interrupted', async () => {
    const ended = run(['sh', '-c', `sleep 1000 & sleep 1000; : ${folder}`])
    ended.catch(() => {})
    await waitFor(() => left().length > 0)
    abort.abort()
    await expect(ended).rejects.toMatchObject({ code: 'INTERRUPTED' })
    await waitFor(() => left().length === 0)
    await expect(run(['true'])).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })

  it('is not waited for because of what it left in the background', async () => {
    expect(await run(['sh', '-c', `sh -c 'sleep 1000; : ${folder}' & echo done`])).toMatchObject({ code: 0, stdout: 'done\n' })
    await waitFor(() => left().length === 0)
  })

  it('that is not there is told by name', async () => {
    await expect(run(['no-such-program'])).rejects.toMatchObject({ code: 'PROGRAM_MISSING', message: 'The program no-such-program is not there.' })
    await expect(run(['true'], { cwd: '/no/such/folder' })).rejects.toMatchObject({ code: 'PROGRAM_FAILED', message: 'The program true cannot run in /no/such/folder, which is not there.' })
    await expect(run(['/etc/passwd'])).rejects.toMatchObject({ code: 'PROGRAM_FAILED' })
    await expect(run(['echo', 'x'.repeat(4 << 20)])).rejects.toMatchObject({ code: 'PROGRAM_FAILED' })
  })
})

describe('a plugin', () => {
  it('shares a cache with all others of the run, in which failures do not stay', async () => {
    const all = contexts()
    let made = 0
    const make = async (): Promise<number> => ++made
    expect(await Promise.all([all.of('a').cache('k', make), all.of('b').cache('k', make)])).toEqual([1, 1])
    await expect(all.of().cache('broken', () => {
      throw new Error('x')
    })).rejects.toThrow('x')
    expect(await all.of().cache('broken', async () => 'ok')).toBe('ok')
  })

  it('reports, with the host it works on', () => {
    const entry = { key: 'image', value: 'sha256:1', text: 'The image sha256:1 was made.' }
    contexts().of('@docker/a').report(entry)
    contexts().of().report(entry)
    expect(events).toEqual([{ type: 'report', host: '@docker/a', ...entry }, { type: 'report', ...entry }])
  })

  it('asks the user; a secret answer is never shown', async () => {
    const answer = await contexts(async ({ secret: hidden }) => (hidden ? secret('open sesame') : 'yes')).of().prompt({ text: 'Passphrase?', secret: true })
    expect(isSecret(answer)).toBe(true)
    expect(redactor.redact('it is open sesame')).toBe('it is ***')
  })

  it('cannot ask without a terminal, nor once work has started', async () => {
    await expect(contexts().of().prompt({ text: 'Really?' })).rejects.toMatchObject({ code: 'NO_TERMINAL', message: 'A question cannot be asked, because there is no terminal.' })
    const working = contexts(async () => 'yes')
    working.workStarted()
    await expect(working.of().prompt({ text: 'Really?' })).rejects.toMatchObject({ code: 'NO_TERMINAL' })
  })
})
