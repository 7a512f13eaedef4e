import { text } from 'node:stream/consumers'
import { defineConnector, script, sh } from '@chaos/core'
import type { Connection, ConnectorContext } from '@chaos/core'
import { installPodman, pluginContext, startMachine } from '@chaos/testkit'
import type { Machine, Podman } from '@chaos/testkit'
import local from '../../connector-local/src/index.ts'
import podman from '../src/index.ts'

/** Podman on a machine of its own, and that machine as the one chaos runs on. */
export interface Target extends Podman {
  readonly machine: Machine
  /** Where its files are seen from here. */
  readonly root: string
  /** With tunnels unless `without`: then podman is only used through its program. */
  readonly base: (tunnels?: 'with' | 'without') => Promise<Connection>
}

export async function startTarget(): Promise<Target> {
  const machine = await startMachine()
  const installed = await installPodman(machine).catch(async (error: unknown) => {
    await machine.close()
    throw error
  })
  return {
    ...installed,
    machine,
    root: rootOf(machine),
    base: (tunnels) => baseOn(machine, tunnels),
    async close() {
      await installed.close()
      await machine.close()
    },
  }
}

const rootOf = (machine: Machine): string => `/proc/${machine.enter[machine.enter.indexOf('--target') + 1]}/root`

/** A machine as the one chaos runs on. */
export async function baseOn(machine: Machine, tunnels: 'with' | 'without' = 'with'): Promise<Connection> {
  const { dial, ...here } = await local.open!({ host: '@local', argument: '', data: {}, below: [] }, {} as ConnectorContext)
  return {
    ...here,
    spawn: (command, options) => here.spawn(sh`exec ${[...machine.enter]} sh -c ${command.text}`, options),
    ...(tunnels === 'with' ? { dial: (to) => dial!('path' in to ? { path: `${rootOf(machine)}${to.path}` } : to) } : {}),
  }
}

/** Finds connectors for the engine: this one, on the machine of a target. */
export function loadOn(target: () => Target): (kind: string, name: string) => Promise<unknown> {
  return async (kind, name) => {
    if (kind === 'connector' && name === 'podman') return podman
    if (kind === 'connector' && name === 'local') return defineConnector({ open: () => target().base() })
    throw new Error(`the test has no ${kind} ${name}`)
  }
}

export type Context = ReturnType<typeof pluginContext>

/** Opens `@podman/ARGUMENT`, its data validated as the engine of chaos does. */
export async function openPodman(target: Pick<Target, 'base'>, argument: string, data: Readonly<Record<string, unknown>> = {}, context: Context = pluginContext()): Promise<Connection> {
  const checked = await podman.data!['~standard'].validate(data)
  if (checked.issues) throw new Error(JSON.stringify(checked.issues))
  const base = await target.base()
  const connection = await podman.open!({ host: `@podman/${argument}`, argument, data: checked.value as Record<string, unknown>, below: [] }, { ...context, base }).catch(async (error: unknown) => {
    await base.close({ outcome: 'failed' })
    throw error
  })
  return {
    ...connection,
    async close(end) {
      await connection.close(end)
      await base.close(end)
    },
  }
}

/** What a script prints, with its code. */
export async function say(connection: Connection, source: string): Promise<string> {
  const { stdin, stdout, stderr, exit } = await connection.spawn(script(source))
  stdin.end()
  const [out, err, { code }] = await Promise.all([text(stdout), text(stderr), exit])
  return `${out}${err}${code === 0 ? '' : `code ${code}`}`.trim()
}
