import { describe, expect, test } from 'vitest'
import type { EngineEvent } from '@chaos/engine'
import { makePerson } from '../src/render/person.ts'
import { makePrinter } from '../src/render/printer.ts'
import { makeStyle } from '../src/render/style.ts'
import { event, host, operation } from './events.ts'

const NONE = { ok: 0, changed: 0, failed: 0, unknown: 0, skipped: 0 }
const HOSTS = { ok: 0, changed: 0, failed: 0, unreachable: 0, unknown: 0, skipped: 0 }

async function screens(events: EngineEvent[], verbose = 0): Promise<{ out: string; err: string }> {
  let out = ''
  let err = ''
  const printer = makePrinter({ stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) } })
  const retry = (hosts: readonly string[]): string => `chaos apply files --fleet --limit ${hosts.join(',')}`
  const person = makePerson(printer, { out: makeStyle(false), err: makeStyle(false), diff: false, verbose, retry })
  for (const each of events) person.listener(each)
  await person.settled()
  return { out: `\n${out}`, err: `\n${err}` }
}

const begin = event({ type: 'run.begin', version: 1, dry: false, hosts: ['web1', 'db1'], roles: ['files'], chobolo: '/c.yml', controller: 'ana@desk' })
const create = { summary: 'create /srv/app', before: null, after: null, removes: false }
const error = {
  code: 'STEP_FAILED', message: 'The command ended with exit code 1.', hint: 'Is the disk full?',
  position: { file: 'ch-obolo.yml', line: 3, column: 5 }, details: { command: 'mkdir /srv/app', code: 1, stderr: 'mkdir: no\nspace\u001b[1m\n' },
}

const failing: EngineEvent[] = [
  begin,
  event({ type: 'plan', plan: { hosts: ['web1', 'db1'].map((name) => host(name, [operation('change', { title: '/srv/app', operation: 'files.directory', changes: [create] })])), changes: { hosts: 2, operations: 2, removals: 0, later: 0 } } }),
  event({ type: 'confirm', answer: 'yes' }),
  event({ type: 'operation.end', host: 'web1', role: 'files', id: 'web1/files/0', operation: 'files.directory', title: '/srv/app', state: 'changed', changes: [create], milliseconds: 12 }),
  event({ type: 'host.end', host: 'web1', state: 'changed', operations: { ...NONE, changed: 1 }, exchanges: 4, milliseconds: 40 }),
  event({ type: 'operation.end', host: 'db1', role: 'files', id: 'db1/files/0', operation: 'files.directory', title: '/srv/app', state: 'failed', changes: [create], error, milliseconds: 12 }),
  event({ type: 'host.end', host: 'db1', state: 'failed', error, operations: { ...NONE, failed: 1 }, exchanges: 4, milliseconds: 1500 }),
  event({ type: 'run.end', outcome: 'failed', dry: false, hosts: { ...HOSTS, changed: 1, failed: 1 }, operations: { ...NONE, changed: 1, failed: 1 }, milliseconds: 1600 }),
]

describe('a run for people', () => {
  test('a failure is a readable block, the table has the failed host last, and the command to try again is given', async () => {
    const { out, err } = await screens(failing)
    expect(out).toBe(`
web1, db1 · Debian GNU/Linux 12 (bookworm)
  files
    + create /srv/app  files.directory

Plan: 2 changes on 2 hosts.

  host  changed  ok  failed  skipped
~ web1        1   ·       ·        ·
✖ db1         ·   ·       1        ·  failed: The command ended with exit code 1.

✖ Failed on db1 in 1.6 s: 1 change, 0 already so.
Try again: chaos apply files --fleet --limit db1
`)
    expect(err).toBe(`
✔ web1 · files · create /srv/app 12 ms
✔ web1 1 change, 0 already so 40 ms

✖ db1 · files · /srv/app files.directory: The command ended with exit code 1.
  at ch-obolo.yml:3:5
  command   mkdir /srv/app
  exit code 1
  stderr
  │ mkdir: no
  │ space\\x1b[1m
  → Is the disk full?

✖ db1 failed 1.5 s
`)
  })

  test('a run with nothing to do says so in two lines', async () => {
    const { out } = await screens([
      begin,
      event({ type: 'plan', plan: { hosts: [host('@local', [operation('same')])], changes: { hosts: 0, operations: 0, removals: 0, later: 0 } } }),
      event({ type: 'host.end', host: '@local', state: 'ok', operations: { ...NONE, ok: 1 }, exchanges: 2, milliseconds: 40 }),
      event({ type: 'run.end', outcome: 'done', dry: false, hosts: { ...HOSTS, ok: 1 }, operations: { ...NONE, ok: 1 }, milliseconds: 50 }),
    ])
    expect(out).toBe('\nPlan: nothing to do, 1 already so.\n\n✔ Nothing to do in 50 ms: 1 already so.\n')
  })

  test('declined and interrupted runs say what they left', async () => {
    const end = { type: 'run.end', dry: false, hosts: HOSTS, operations: { ...NONE, changed: 2 }, milliseconds: 50 } as const
    expect((await screens([event({ ...end, outcome: 'declined' })])).out).toBe('\nNothing was changed.\n')
    expect((await screens([event({ ...end, outcome: 'interrupted' })])).out).toBe('\n■ Interrupted in 50 ms: 2 changes, 0 already so. Nothing new was started.\n')
  })

  test('-vv shows what commands print, each line marked with its host', async () => {
    const output = event({ type: 'output', host: 'web1', id: 'web1/files/0', stream: 'stdout', text: 'one\ntwo\u0007\n' })
    expect((await screens([output], 2)).err).toBe('\nweb1 │ one\nweb1 │ two\\x07\n')
    expect((await screens([output])).err).toBe('\n')
  })
})

test('an error of several lines takes one in the table, and the layer of a stack that failed is told', async () => {
  const unknown = { code: 'HOST_KEY_UNKNOWN', message: 'The host key of gate is not known.\nit shows  ssh-ed25519 SHA256:abc', hint: 'chaos trust gate', details: { layer: '@ssh/gate' } }
  const { out, err } = await screens([
    begin,
    event({ type: 'host.end', host: '@ssh/gate/@docker/web', state: 'unreachable', error: unknown, operations: NONE, exchanges: 0, milliseconds: 40 }),
    event({ type: 'host.end', host: 'web1', state: 'ok', operations: NONE, exchanges: 2, milliseconds: 40 }),
    event({ type: 'run.end', outcome: 'failed', dry: false, hosts: { ...HOSTS, ok: 1, unreachable: 1 }, operations: NONE, milliseconds: 50 }),
  ])
  expect(err).toContain('layer     @ssh/gate')
  expect(out).toContain('unreachable: The host key of gate is not known.\n')
  expect(`${out}${err}`).not.toContain('\\n')
})
