import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChaosError, defineConnector } from '@chaos/core'
import type { Connector } from '@chaos/core'
import { openFake } from './connection.ts'
import type { FakeConnection } from './connection.ts'
import { layerConnector } from './layer.ts'
import { endAll, processesWith } from './processes.ts'

export interface FakeOptions {
  /** The folder all hosts live in. Default: a new one below the system's temporary folder, removed by `close`. */
  root?: string
  /** Milliseconds until what a host says arrives. Default 0. */
  latency?: number
  /** The program that is `sh` on the hosts: `/bin/bash`, `/usr/bin/mksh`, `/bin/busybox`. Default: the machine's own. */
  shell?: string
  /** Further variables of the hosts' environment. */
  env?: Readonly<Record<string, string>>
}

/** The connector `@fake/NAME`: real shells of this machine, each host in a folder of its own. */
export interface Fake {
  readonly connector: Connector
  /** For the engine: gives the connectors `fake`, `layer` and `local`, which is a fake host named `local`, and refuses anything else. */
  readonly load: (kind: string, name: string) => Promise<unknown>
  /** Where a host's shells start; HOME too. It is made when it is asked for. */
  folder(name: string): string
  /** Shells started on a host so far; of all hosts without a name. */
  spawns(name?: string): number
  /** Connections opened so far. */
  connections(name?: string): number
  /** Times a host answered something that was sent: an independent count of exchanges, shells being started included. */
  turns(name?: string): number
  /** Cuts the connections of a host now. With `unnoticed` what runs there goes on as if somebody listened, as when a link goes down. */
  break(name: string, options?: { unnoticed?: boolean }): void
  /** Cuts the connection of a host once so many bytes have come from it, counted from now; a new one is whole. */
  breakAfter(name: string, bytes: number): void
  /** Kills the shells of a host; its connections live. */
  killShells(name: string): void
  /** The next so many attempts to open a host fail. Default: all. */
  refuse(name: string, times?: number): void
  /** Ids of the processes that run on the hosts, also those that left their session. */
  running(name?: string): number[]
  /** Ends what runs, and removes the root if it was made here. */
  close(): Promise<void>
}

interface FakeHostState {
  open: FakeConnection[]
  opened: number
  spawns: number
  turns: number
  allowance: number
  refusals: number
}

export function fakeConnector({ root, latency = 0, shell, env = {} }: FakeOptions = {}): Fake {
  const base = root ?? mkdtempSync(join(tmpdir(), 'chaos-fake-'))
  mkdirSync(base, { recursive: true })
  // Other users of a host must be able to go there.
  if (root === undefined) chmodSync(base, 0o755)
  const states = new Map<string, FakeHostState>()
  const path = [...(shell === undefined ? [] : [shellFolder(base, shell)]), process.env['PATH'] ?? '/usr/bin:/bin'].join(':')

  const stateOf = (name: string): FakeHostState => {
    const found = states.get(name) ?? { open: [], opened: 0, spawns: 0, turns: 0, allowance: Infinity, refusals: 0 }
    states.set(name, found)
    return found
  }
  const folder = (name: string): string => {
    const made = join(base, 'hosts', encodeURIComponent(name))
    mkdirSync(made, { recursive: true })
    return made
  }
  const remembering = (name: string): string => {
    const made = join(base, 'state', encodeURIComponent(name))
    mkdirSync(made, { recursive: true })
    // As /run/lock is: whoever runs there may take the lock.
    chmodSync(made, 0o1777)
    return made
  }
  const sum = (count: (state: FakeHostState) => number, name?: string): number =>
    name === undefined ? [...states.values()].reduce((total, state) => total + count(state), 0) : count(stateOf(name))
  const running = (name?: string): number[] =>
    name === undefined ? processesWith('CHAOS_FAKE_ROOT', base) : processesWith('CHAOS_FAKE_FOLDER', folder(name))

  const connector = defineConnector({
    about: 'Real shells of this machine, each host in a folder of its own; for tests.',
    async open({ host, argument }) {
      if (argument === '') throw new ChaosError('CONNECTOR_ARGUMENT', { message: '@fake needs a name.', hint: 'Write @fake/NAME.', host })
      const state = stateOf(argument)
      if (state.refusals-- > 0) throw new ChaosError('CONNECT_REFUSED', { message: `${host} refused the connection.`, host })
      state.refusals = 0
      const place = folder(argument)
      const variables = {
        PATH: path, HOME: place, USER: process.env['USER'] ?? '', LANG: 'C.UTF-8', ...env,
        CHAOS_FAKE_HOST: argument, CHAOS_FAKE_FOLDER: place, CHAOS_FAKE_ROOT: base,
        // A host of its own: its lock and role states are not those of this machine, or of the host beside it.
        CHAOS_STATE_FOLDER: remembering(argument),
      }
      const connection = openFake({ host, folder: place, env: variables, latency }, () => (state.spawns += 1))
      connection.wire.allowance = state.allowance
      state.allowance = Infinity
      state.opened += 1
      state.open.push(connection)
      return connection
    },
  })

  // What the engine has underneath every stack. Tests of this machine itself load connector-local.
  const local = defineConnector({ open: ({ host }, context) => connector.open!({ host, argument: 'local', data: {}, below: [] }, context) })

  return {
    connector,
    async load(kind, name) {
      if (kind === 'connector' && name === 'fake') return connector
      if (kind === 'connector' && name === 'layer') return layerConnector
      if (kind === 'connector' && name === 'local') return local
      throw new ChaosError('PLUGIN_MISSING', { message: `There is no ${kind} named ${name} in this test.` })
    },
    folder,
    spawns: (name) => sum((state) => state.spawns, name),
    connections: (name) => sum((state) => state.opened, name),
    turns: (name) => sum((state) => state.open.reduce((total, { wire }) => total + wire.turns, 0), name),
    break: (name, options) => stateOf(name).open.forEach((connection) => connection.break(options)),
    breakAfter(name, bytes) {
      const state = stateOf(name)
      const last = state.open.findLast((connection) => connection.alive())
      if (last) last.wire.allowance = bytes
      else state.allowance = bytes
    },
    killShells: (name) => stateOf(name).open.forEach((connection) => connection.killShells()),
    refuse: (name, times = Infinity) => void (stateOf(name).refusals = times),
    running,
    async close() {
      await endAll(() => running())
      if (root === undefined) rmSync(base, { recursive: true, force: true })
    },
  }
}

/** A folder whose `sh` is another shell; it comes first on the hosts' PATH. */
function shellFolder(base: string, shell: string): string {
  const folder = mkdtempSync(join(base, 'shell-'))
  chmodSync(folder, 0o755)
  symlinkSync(shell, join(folder, 'sh'))
  return folder
}
