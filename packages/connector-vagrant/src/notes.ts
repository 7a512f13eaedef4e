import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { PluginContext } from '@chaos/core'
import { ChaosError, nearest } from '@chaos/core'
import * as z from '@chaos/operations/zod'
import type { Project } from './project.ts'

const FILE = '@vagrant.json'
const schema = z.strictObject({
  data: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  groups: z.record(z.string(), z.array(z.string())).default({}),
})

/** Data and groups by machine. */
export interface Notes {
  readonly data: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly groups: ReadonlyMap<string, readonly string[]>
}

/** What `@vagrant.json` beside the Vagrantfile says of the machines, read once per run. Throws `VAGRANT_JSON`. */
export function readNotes({ root }: Project, machines: readonly string[], { cache }: Pick<PluginContext, 'cache'>): Promise<Notes> {
  const file = path.join(root, FILE)
  return cache(`vagrant notes ${file}`, async () => {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}'
      throw refused(file, `cannot be read: ${error.code ?? error.message}`)
    })
    const result = schema.safeParse(parse(text, file))
    if (!result.success) {
      const [issue] = result.error.issues
      throw refused(file, `is wrong: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}`)
    }
    const notes = { data: new Map(Object.entries(result.data.data)), groups: new Map(Object.entries(result.data.groups)) }
    const unknown = [...notes.data.keys(), ...notes.groups.keys()].find((name) => !machines.includes(name))
    if (unknown === undefined) return notes
    const [near] = nearest(unknown, machines)
    throw refused(file, `names the machine ${JSON.stringify(unknown)}, which the Vagrantfile does not${near === undefined ? '' : `; did you mean "${near}"?`}`)
  })
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // What Node says quotes the file, which may hold a password.
    const [, position] = /position (\d+)/.exec((error as Error).message) ?? []
    throw refused(file, `is no JSON${position === undefined ? '' : `, in line ${text.slice(0, Number(position)).split('\n').length}`}`)
  }
}

function refused(file: string, why: string): ChaosError {
  return new ChaosError('VAGRANT_JSON', { message: `${file} ${why}.`.replace(/\?\.$/, '?'), hint: 'It looks like { "data": { "web": { … } }, "groups": { "web": [ … ] } }; both may be left out.', details: { file } })
}
