import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { defineConnector, script } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import docker from '../src/index.ts'

/** This machine, as far as a container stands on it: it dials. */
export const here: Connection = {
  async dial(to) {
    const socket = connect(to as { path: string })
    await once(socket, 'connect')
    return socket
  },
  spawn: () => Promise.reject(new Error('a container needs no shell of this machine')),
  close: async () => {},
}

/** Finds connectors for the engine: this one, on this machine. */
export async function load(kind: string, name: string): Promise<unknown> {
  if (kind === 'connector' && name === 'docker') return docker
  if (kind === 'connector' && name === 'local') return defineConnector({ open: async () => here })
  throw new Error(`the test has no ${kind} ${name}`)
}

export type Context = ReturnType<typeof pluginContext>

/** Opens `@docker/ARGUMENT`, its data validated as the engine of chaos does. */
export async function openDocker(argument: string, data: Readonly<Record<string, unknown>>, context: Context = pluginContext(), base: Connection = here): Promise<Connection> {
  const checked = await docker.data!['~standard'].validate(data)
  if (checked.issues) throw new Error(JSON.stringify(checked.issues))
  return docker.open!({ host: `@docker/${argument}`, argument, data: checked.value as Record<string, unknown>, below: [] }, { ...context, base })
}

/** What a script prints, with its code. */
export async function say(connection: Connection, source: string): Promise<string> {
  const { stdin, stdout, stderr, exit } = await connection.spawn(script(source))
  stdin.end()
  const [out, err, { code }] = await Promise.all([text(stdout), text(stderr), exit])
  return `${out}${err}${code === 0 ? '' : `code ${code}`}`.trim()
}
