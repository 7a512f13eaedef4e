import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { defineProvider, revealSecret, secret } from '@chaos/core'
import { createRedactor } from '@chaos/engine'
import { pluginContext } from '@chaos/testkit'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeQuestions, readSecret } from '../src/read-secret.ts'
import { buildIfStale, makeDesk, processesWith, until } from './command-line.ts'
import type { Desk } from './command-line.ts'

/** Does what its reference says. */
const BAD = `import { writeFileSync } from 'node:fs'
import { ChaosError, defineProvider, secret } from '@chaos/core'
const met = new Map()
const meeting = new Promise((resolve) => met.set('all', resolve))
export default defineProvider({
  read(reference, { run }) {
    switch (reference) {
      // Hears nothing, and keeps the process alive.
      case 'hang': writeFileSync('begun', ''); return new Promise(() => setInterval(() => {}, 1000))
      // Neither it nor what it has started ends when it is told to.
      case 'program': return run(['sh', '-c', 'trap "" TERM INT; sleep 300 & echo > begun; sleep 300'], { timeout: 600 })
      case 'text': return 'canary-text'
      case 'nothing': return undefined
      case 'list': return ['canary-text']
      case 'empty': return secret('')
      case 'throws': throw new Error('canary-text')
      case 'rejects': return Promise.reject('canary-text')
      case 'one': return secret('canary-one')
      case 'tells': return new Promise((resolve, reject) => setTimeout(() => reject(new ChaosError('BAD_TELLS', { message: 'I have canary-one.', hint: 'canary-one' })), 100))
      default: {
        met.set(reference, true)
        if (met.has('a') && met.has('b')) met.get('all')()
        return meeting.then(() => secret('canary-' + reference))
      }
    }
  },
})
`

let desk: Desk
beforeAll(() => buildIfStale(), 300_000)
beforeEach(() => {
  desk = makeDesk()
  desk.addPlugin('bad', { providers: { bad: './index' } }, BAD)
})
afterEach(() => desk.remove())

const inside = (name: string): string => path.join(desk.folder, name)
const chobolo = (content: string, more = ''): void => void desk.write('ch-obolo.yml', `files:\n  - { path: ${inside('made')}, content: "${content}" }\n${more}`)

describe('a provider that hangs', () => {
  it.each(['hang', 'program'])('is given up after the seconds of the config, with all it started: %s', async (how) => {
    desk.write('config/config.yml', 'secret_timeout: 0.3\n')
    chobolo(`\${secret:bad:${how}}`)
    const { code, stderr } = await desk.chaos(['apply', '-y'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(new RegExp(`bad did not give ${how} within 0\\.3 seconds.*ch-obolo\\.yml:2:\\d+.*secret_timeout`, 's'))])
    expect([existsSync(inside('made')), processesWith(desk.folder)]).toEqual([false, []])
    // Nothing was begun, and so the next run does not tell of one that never came to its end.
    expect(readdirSync(inside('state/chaos/runs'))).toEqual([])
  })

  it.each([
    ['hang', 'SIGINT', ['apply', '-y'], ''],
    ['program', 'SIGINT', ['apply', '-y'], ''],
    ['program', 'SIGTERM', ['exec', '--fleet', '--', 'true'], 'fleet: { hosts: [{ "@local": { note: "${secret:bad:program}" } }] }\n'],
  ] as const)('is ended at once by a signal, with all it started, and nothing else is told: %s, %s, %j', async (how, signal, args, fleet) => {
    chobolo(`\${secret:bad:${how}}`, fleet)
    const { child, ended } = desk.start(args)
    await until(() => existsSync(inside('begun')), 'the provider has begun')
    child.kill(signal)
    expect(await ended).toEqual({ code: 130, stdout: '', stderr: `✖ Interrupted while bad was asked for ${how}. Nothing was begun.\n` })
    expect([existsSync(inside('made')), processesWith(desk.folder)]).toEqual([false, []])
  })

  it('is not one while a person is asked, and one is asked after the other', async () => {
    const order: string[] = []
    const prompt = async ({ text }: { text: string }): Promise<string> => {
      order.push(`${text}?`)
      await new Promise((resolve) => setTimeout(resolve, 400))
      order.push(text)
      return text
    }
    const provider = defineProvider({ read: async (reference, context) => secret((await context.prompt({ text: reference })) as string) })
    const questions = makeQuestions()
    const read = async (reference: string): Promise<string> =>
      revealSecret(await readSecret({ name: 'asks', reference, provider, questions, redactor: createRedactor(), limit: 0.2, context: (signal) => ({ ...pluginContext(), prompt, signal, config: undefined }) }))
    expect([await Promise.all([read('a'), read('b')]), order]).toEqual([['a', 'b'], ['a?', 'a', 'b?', 'b']])
  })
})

describe('a provider that does something else', () => {
  it('than give a Secret is named each time, and shows nothing', async () => {
    const said = {
      text: 'bad gave a string for text, which is no Secret',
      nothing: 'bad gave nothing for nothing',
      list: 'bad gave a list for list',
      empty: 'bad gave an empty secret for empty',
      throws: 'bad could not read throws: it failed with Error',
      rejects: 'bad could not read rejects: it failed with something that is no error',
    }
    desk.write('ch-obolo.yml', JSON.stringify({ files: Object.keys(said).map((how) => ({ path: inside(how), content: `\${secret:bad:${how}}` })) }))
    const { code, stdout, stderr } = await desk.chaos(['apply', '-y'], { env: { CHAOS_DEBUG: '1' } })
    expect([code, Object.values(said).filter((each) => !stderr.includes(each))]).toEqual([2, []])
    expect(stdout + stderr).not.toContain('canary')
  })

  it('as to put a secret into its message does not show it', async () => {
    chobolo('${secret:bad:one}${secret:bad:tells}')
    const { code, stdout, stderr } = await desk.chaos(['apply', '-y'], { env: { CHAOS_DEBUG: '1' } })
    expect([code, stderr]).toEqual([2, expect.stringContaining('I have ***.')])
    expect(stdout + stderr).not.toContain('canary')
  })
})

it('all secrets that are needed are read side by side', async () => {
  chobolo('${secret:bad:a}${secret:bad:b}')
  expect((await desk.chaos(['apply', '-y'])).code).toBe(0)
  expect(readFileSync(inside('made'), 'utf8')).toBe('canary-acanary-b')
})

it('a limit that is no number of seconds is refused', async () => {
  chobolo('${secret:bad:one}')
  for (const limit of ['0', 'soon']) {
    desk.write('config/config.yml', `secret_timeout: ${limit}\n`)
    expect(await desk.chaos(['apply', '-y'])).toMatchObject({ code: 2, stderr: expect.stringContaining('`secret_timeout` is not a number of seconds') as string })
  }
})
