import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIfStale } from '../command-line.ts'
import { makeBench } from './canary/bench.ts'
import type { Bench } from './canary/bench.ts'
import { runWatched } from './canary/run.ts'
import type { Seen } from './canary/run.ts'

let bench: Bench
beforeAll(async () => {
  buildIfStale()
  bench = await makeBench()
  bench.desk.addPlugin('trying', { roles: { trying: './index' }, keys: { trying: './index#keys' } }, TRYING)
  bench.desk.addPlugin('failing', { roles: Object.fromEntries([...FAILURES, ...CRASHES].map((_, index) => [`f${index}`, `./index#f${index}`])) }, roles())
}, 300_000)
afterAll(() => bench.desk.remove())

/** Told at length with all that helps to find a mistake; the journal that stays has the same as JSON. */
const apply = (...flags: readonly string[]): Promise<Seen> => runWatched(bench.desk, bench.mark, ['apply', '-sy', ...flags], { env: { CHAOS_DEBUG: '1' } })
const chobolo = (content: object): void => void bench.desk.write('ch-obolo.yml', JSON.stringify(content))

/** Tries one command after the other, whether they fail or not. Each reads the secret. */
const TRYING = `import { defineKeys, defineRole } from '@chaos/core'
import { server } from '@chaos/operations'
export default defineRole(function* ({ chobolo }) {
  const { commands, text } = chobolo.trying
  for (const each of commands) yield server.shell({ commands: 'echo saved' }, { ifFailed: yield* server.shell({ commands: each, stdin: text }) })
})
export const keys = defineKeys([{ trying: { commands: ['true'], text: '' } }])
`

const COMMANDS = [
  'cat >&2; false',
  'cat; false',
  // In base64, alone and in the middle of a longer text.
  'base64 -w0 >&2; false',
  '{ printf user:; tail -n 1; } | base64 -w0 >&2; false',
  'while read -r line; do echo "at <$line>" >&2; done; false',
  // Of a last line 300 characters are told, of an output the last 4000: what is cut off takes a part of the secret along.
  "printf 'x%.0s' $(seq 265) >&2; tail -n 1 >&2; false",
  "tail -n 1 >&2; printf '%3965s\\n' end >&2; false",
]

it('commands that show their secret when they fail: it is shown nowhere', async () => {
  chobolo({ trying: { commands: COMMANDS, text: '${secret:age:app.lines}\n${secret:age:app.password}' } })
  const { ended, seen } = await apply('trying', '-vvv', '--diff')
  expect([ended.stdout.match(/saved/g)?.length, ended.stderr.includes('***'), seen]).toEqual([COMMANDS.length, true, []])
})

/** What goes wrong in a role that holds the secret as `it`, and where. */
const FAILURES = [
  ['context', "throw new Error('I have ' + it)"],
  ['plan', "throw new Error('no', { cause: new Error('I have ' + it) })"],
  ['plan', "throw new ChaosError('OF_MINE', { message: it, hint: it, details: { deep: { [it]: [it] } }, cause: it })"],
  ['delta', 'throw new AggregateError([new Error(it)], it)'],
  ['plan', 'throw it'],
  ['context', "throw Object.assign(new Error('no'), { name: it, code: it })"],
  ['context', 'JSON.parse(it)'],
  ['delta', 'throw { toString() { return it } }'],
] as const
const CRASHES = [
  ['context', "setTimeout(() => { throw new Error('I have ' + it) }); await new Promise((resolve) => setTimeout(resolve, 5000))"],
  ['context', "void Promise.reject(new Error('no', { cause: new Error('I have ' + it) })); await new Promise((resolve) => setTimeout(resolve, 5000))"],
  ['context', 'void Promise.reject(it); await new Promise((resolve) => setTimeout(resolve, 5000))'],
] as const

function roles(): string {
  const all = [...FAILURES, ...CRASHES].map(([where, text], index) => `export const f${index} = defineRole({
  keys: { key${index}: z.boolean() },
  secrets: ['app.password'],
  async context({ secrets }) { const it = revealSecret(secrets['app.password']); ${where === 'context' ? text : ''}; return it },
  delta: (it) => { ${where === 'delta' ? text : ''}; return { add: [it] } },
  plan: (_, { secrets }) => { const it = revealSecret(secrets['app.password']); ${where === 'plan' ? text : ''}; return [] },
})`)
  return `import { ChaosError, defineRole, revealSecret } from '@chaos/core'\nimport * as z from '@chaos/operations/zod'\n${all.join('\n')}\n`
}

describe('roles that have their secret, and fail with it', () => {
  it.each([[['-vvv', '--diff']], [['--json']]])('in errors of all kinds: it is shown nowhere, with %j', async (flags) => {
    const keys = FAILURES.map((_, index) => `key${index}`)
    chobolo(Object.fromEntries(keys.map((key) => [key, true])))
    const { ended, seen } = await apply(...flags)
    expect([ended.code, seen]).toEqual([1, []])
    // All of them failed, and were told.
    expect(FAILURES.filter((_, index) => `${ended.stdout}${ended.stderr}`.includes(`f${index}`))).toEqual(FAILURES)
  })

  it.each(CRASHES.map(([, text], index) => [text, index + FAILURES.length] as const))('where nobody waits, in %s: chaos ends at once, and it is shown nowhere', async (_, index) => {
    chobolo({ [`key${index}`]: true })
    const { ended, seen } = await apply(`f${index}`)
    expect([ended.code, ended.stderr.includes('did not expect'), ended.stderr.includes('***'), seen]).toEqual([1, true, true, []])
  })
})
