import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { ChaosError, defineFact, defineOperation, defineRole, script, sh } from '@chaos/core'
import type { Command, Connector, HostReference, Role } from '@chaos/core'
import { applyWith } from '../run/apply-with.ts'
import type { Applied } from '../run/apply-with.ts'
import { left } from './ask.ts'
import { runFiles } from './run-files.ts'
import type { RunFiles } from './run-files.ts'
import { BEFORE, entriesOf, manifestOf, operationsBelow, treeBelow } from './run-tree.ts'
import type { Runner } from './runner.ts'

export interface ConnectorRunSuiteOptions extends Runner {
  /** `@docker/web`, for the tests' names. */
  name: string
  /** The host as a Ch-obolo has it, with its data. Asked in each test. Every run must find the same machine. */
  host: () => HostReference | Promise<HostReference>
  /** All there are in the host's name, and `local`, which they stand on. */
  connectors: Readonly<Record<string, Connector>>
  /**
   * Runs a script on the target by some other way, with all rights, and gives what it printed: what a connector does is better not seen
   * by its own eyes. Default: through the connector.
   */
  look?: (script: string) => Promise<string>
  /** Where on the target the tests have a folder, which is gone in the end. Default `/tmp`. */
  folder?: string
  /** All of it by sudo, as root. Default false. */
  sudo?: boolean
  /** A user and group id that a file is given to. It takes a run of root's. Default: none. */
  owned?: number
  /** `files` of `@chaos/operations`. Default: the least of them, of the suite's own. */
  files?: RunFiles
}

/** Runs a script on the target, and gives what it printed. */
type Look = (script: string) => Promise<string>

interface OnTarget {
  /** The folder of the test. */
  root: string
  /** `UID:GID` of who runs. */
  user: string
  look: Look
  apply(role: Role, options?: { dry?: boolean; signal?: AbortSignal }): Promise<Applied>
  /** What is below the folder, sorted. */
  tree(touched?: boolean): Promise<string[]>
}

/** Whole runs of the engine on a real target: what is applied is so, what is so is left alone, and nothing is left behind. */
export function connectorRunSuite(options: ConnectorRunSuiteOptions): void {
  const { name, sudo = false, owned, files = runFiles, describe, it } = options
  const test = (title: string, body: (on: OnTarget) => Promise<void>): void => void it(title, () => onTarget(options, body))

  describe(`the run contract (${name}${sudo ? ', by sudo' : ''})`, () => {
    const made = ({ root }: OnTarget): Role => defineRole(() => operationsBelow(root, files, owned))

    test('a dry run tells all that would be done, and touches nothing', async (on) => {
      const before = await on.tree(true)
      const { plan, errors } = await on.apply(made(on), { dry: true })
      assert.deepEqual([errors, plan.changes.operations + plan.changes.later], [[], operationsBelow(on.root, files, owned).length])
      assert.deepEqual(await on.tree(true), before)
    })

    test('what is applied is so, and the second run changes nothing and takes two exchanges', async (on) => {
      const first = await on.apply(made(on))
      assert.deepEqual([first.errors, first.hosts[0]?.state], [[], 'changed'])
      assert.deepEqual(await on.tree(), treeBelow(on.user, owned))
      const before = await on.tree(true)
      const { errors, plan, hosts: [host] } = await on.apply(made(on))
      assert.deepEqual([errors, plan.changes.operations, plan.changes.later, host?.state, host?.exchanges], [[], 0, 0, 'ok', 2])
      assert.deepEqual(await on.tree(true), before)
    })

    test('tells the code of a command that failed, and what it said', async (on) => {
      const { events } = await on.apply(defineRole(() => [act({ command: sh`echo out; echo 'no more cheese' >&2; exit 7` })]))
      const error = events.find((event) => event.type === 'operation.end')?.error
      assert.ok(error, 'it did not fail')
      assert.match(error.message, /no more cheese/)
      const { exitCode, stdout, stderr } = error.details ?? {}
      assert.deepEqual([exitCode, String(stdout).trim(), String(stderr).trim()], [7, 'out', 'no more cheese'])
    })

    test('an aborted run leaves no process', async (on) => {
      const abort = new AbortController()
      // One ignores TERM. One has a session of its own, by which it is found in /proc alone: where there is none, it has not.
      const command = sh`cd ${on.root}; trap '' TERM; (trap '' TERM; while :; do sleep 1; done) &
        own=; [ ! -d /proc/self ] || own=$(command -v setsid) || own=
        $own sleep 300 & echo $! $$ >pids.new; mv pids.new pids; while :; do sleep 1; done`
      const running = on.apply(defineRole(() => [act({ command })]), { signal: abort.signal })
      const [pids, { end }] = await Promise.all([on.look(written(`${on.root}/pids`).text).finally(() => abort.abort()), running])
      assert.match(pids, /^\d+ \d+\n$/)
      assert.equal(end.outcome, 'interrupted')
      assert.equal(await on.look(left(pids.trim().split(' ')).text), 'gone\n')
    })
  })
}

async function onTarget({ host, connectors, look: given, folder = '/tmp', sudo = false }: ConnectorRunSuiteOptions, body: (on: OnTarget) => Promise<void>): Promise<void> {
  const { data, ...reference } = await host()
  const apply: OnTarget['apply'] = (role, { signal, ...rest } = {}) =>
    applyWith({
      ...rest,
      hosts: [{ ...reference, data: { ...data, ...(sudo ? { sudo } : {}) } }],
      roles: { run: role },
      load: async (kind, name) => connectors[name] ?? missing(kind, name),
      ...(signal === undefined ? {} : { signal, kill: signal }),
    })
  const inside = through(apply)
  const look = given ?? inside
  const root = `${folder}/chaos-run-${randomUUID()}`
  const user = (await inside('echo $(id -u):$(id -g)')).trim()
  try {
    await look(`set -e; umask 022; mkdir ${root}; cd ${root}; ${BEFORE}; chown -R ${user} ${root}`)
    await body({ root, user, look, apply, tree: async (touched = false) => entriesOf(await look(manifestOf(root, touched))) })
  } finally {
    await look(`rm -rf ${root}`)
  }
}

/** What a file holds once it is there; waits up to thirty seconds. */
function written(path: string): Command {
  return sh`i=0; while ! [ -e ${path} ] && [ $i -lt 300 ]; do i=$((i+1)); sleep 0.1 2>/dev/null || sleep 1; done; cat ${path}`
}

/** Looks by a dry run, which takes no lock. */
function through(apply: OnTarget['apply']): Look {
  return async (text) => {
    let answer = ''
    const looking = defineRole({
      keys: {},
      context: async ({ host }) => {
        answer = await host.fact(said(text))
      },
      delta: () => ({}),
      plan: () => [],
    })
    assert.deepEqual((await apply(looking, { dry: true })).errors, [])
    return answer
  }
}

const said = defineFact({ name: 'run.look', command: (text: string) => script(text), parse: (stdout) => stdout })

const act = defineOperation({
  name: 'run.act',
  args: { '~standard': { version: 1, vendor: 'chaos', validate: (value: unknown) => ({ value: value as { command: Command } }) } },
  diff: ({ command }) => [{ summary: 'run', do: [{ run: command }] }],
  action: true,
})

function missing(kind: string, name: string): never {
  throw new ChaosError('PLUGIN_MISSING', { message: `There is no ${kind} named ${name} among the connectors of this test.` })
}
