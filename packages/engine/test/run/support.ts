import { readFileSync } from 'node:fs'
import { defineFact, defineOperation, sh, touch } from '@chaos/core'
import type { Op, Role, Schema, Steps } from '@chaos/core'
import { defineRole } from '@chaos/core'
import local from '../../../connector-local/src/index.ts'
import { run } from '../../src/run/run.ts'
import type { EngineEvent, Listener, RunOptions, RunResult } from '../../src/index.ts'
import { fakeConnector } from '../../../testkit/src/index.ts'
import type { Fake } from '../../../testkit/src/index.ts'

/** A schema that takes everything, for operations of tests. */
export function anything<T>(): Schema<T> {
  return { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as T }) } }
}

export const content = defineFact({
  name: 'test.content',
  command: (path: string) => sh`if [ -e ${path} ]; then cat -- ${path}; else exit 3; fi`,
  exit: [0, 3],
  parse: (stdout, { code }) => (code === 3 ? null : stdout),
  reads: (path) => [touch.path(path)],
})

/** A file with this text. */
export const note = defineOperation({
  name: 'test.note',
  args: anything<{ path: string; text: string | null }>(),
  async diff({ path, text }, host) {
    const have = await host.fact(content(path))
    if (have === text) return []
    if (text === null) return [{ summary: 'remove', before: have, after: null, removes: true, do: [{ run: sh`rm -- ${path}` }] }]
    return [{ summary: have === null ? 'create' : 'update', before: have, after: text, do: [{ write: { path, content: text } }] }]
  },
  touches: ({ path }) => [touch.path(path)],
})

/** Runs a command, always. */
export const act = defineOperation({
  name: 'test.act',
  args: anything<{ command: ReturnType<typeof sh>; touches?: string[] }>(),
  diff: ({ command }) => [{ summary: 'run', do: [{ run: command }] }],
  touches: ({ touches = [] }) => touches.map(touch.path),
  action: true,
})

export interface Applied extends RunResult {
  events: EngineEvent[]
  /** Told of this host, or of all. */
  of<T extends EngineEvent['type']>(type: T): Extract<EngineEvent, { type: T }>[]
}

export type Steering = Partial<Omit<RunOptions, 'roles' | 'load'>>

/** Applies one role, a function of the host's folder, to fake hosts. */
export async function applyTo(fake: Fake, names: readonly string[], steps: (folder: string) => Steps | Role, options: Steering = {}, told?: Listener): Promise<Applied> {
  const role = defineRole(({ host }) => steps(fake.folder(host.name.replace('@fake/', ''))) as Steps)
  return applyRoles(fake, names, { test: role }, options, told)
}

export async function applyRoles(fake: Fake, names: readonly string[], roles: Record<string, Role>, options: Steering = {}, told?: Listener): Promise<Applied> {
  const events: EngineEvent[] = []
  const result = await run({
    choboloPath: '/nowhere/ch-obolo.yml',
    hosts: names.map((name) => ({ name: `@fake/${name}` })),
    slice: () => ({ desired: {}, chobolo: {} }),
    dry: false,
    skipConfirm: true,
    ...options,
    load: async (kind, name) => (name === 'local' ? local : fake.load(kind, name)),
    roles: Object.entries(roles).map(([tag, role]) => ({ tag, role, explicit: true })),
    listeners: [(event) => void events.push(event), ...(told ? [told] : [])],
  })
  return { ...result, events, of: (type) => events.filter((event) => event.type === type) as never }
}

export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

export function notes(folder: string, count: number, text = 'hello\n'): Op[] {
  return Array.from({ length: count }, (_, index) => note({ path: `${folder}/note-${index}`, text }))
}

export { fakeConnector }
