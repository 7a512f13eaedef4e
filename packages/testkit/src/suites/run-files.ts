import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { defineFact, defineOperation, sh, touch } from '@chaos/core'
import type { Op, Schema } from '@chaos/core'

/** Operations that make files, as `files` of `@chaos/operations` are. */
export interface RunFiles {
  put(args: { path: string; content: string | Uint8Array<ArrayBuffer>; mode?: string; owner?: string; group?: string }): Op
  directory(args: { path: string; mode?: string }): Op
  link(args: { path: string; target: string }): Op
  line(args: { path: string; line: string }): Op
  file(args: { path: string; present: false }): Op
}

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

type Args<K extends keyof RunFiles> = Parameters<RunFiles[K]>[0]
type Taken<K extends keyof RunFiles> = Schema<Args<K>, Args<K>>

/** The type tells, and only the suite asks. */
const taken: Schema = { '~standard': { version: 1, vendor: 'chaos', validate: (value) => ({ value }) } }

/** What stands at a path: its type, its mode and owner or where it leads, and its hash. */
const entry = defineFact({
  name: 'run.entry',
  command: (path: string) => sh`if [ -L ${path} ]; then echo link; readlink ${path}
    elif [ -d ${path} ]; then echo directory; stat -c %a:%u:%g ${path}
    elif [ -e ${path} ]; then echo file; stat -c %a:%u:%g ${path}; sha256sum <${path}; fi`,
  parse(stdout) {
    const [type = '', about = '', sum = ''] = stdout.split('\n')
    const [mode, owner, group] = about.split(':')
    return { type, target: about, mode, owner, group, sum: sum.slice(0, 64) }
  },
  reads: (path) => [touch.path(path)],
})

const text = defineFact({ name: 'run.text', command: (path: string) => sh`cat ${path}`, parse: (stdout) => stdout, reads: (path) => [touch.path(path)] })

/** The least there can be of such operations: a test of a connector needs no other package. */
export const runFiles: RunFiles = {
  put: defineOperation({
    name: 'run.put',
    args: taken as Taken<'put'>,
    async diff({ path, content, mode = '0644', owner, group }, host) {
      const have = await host.fact(entry(path))
      const wanted = { type: 'file', sum: sha256(content), mode: digits(mode), owner: owner ?? have.owner, group: group ?? have.group }
      if (Object.entries(wanted).every(([key, value]) => have[key as keyof typeof wanted] === value)) return []
      const ownership = { ...(owner === undefined ? {} : { owner }), ...(group === undefined ? {} : { group }) }
      const write = { path, content, mode, ...ownership }
      return [{ summary: 'write', do: [{ run: sh`umask 022; mkdir -p ${posix.dirname(path)}` }, { write }] }]
    },
    touches: ({ path }) => [touch.path(path)],
  }),
  directory: defineOperation({
    name: 'run.directory',
    args: taken as Taken<'directory'>,
    async diff({ path, mode = '0755' }, host) {
      const have = await host.fact(entry(path))
      return have.type === 'directory' && have.mode === digits(mode) ? [] : [{ summary: 'make', do: [{ run: sh`mkdir -p ${path} && chmod ${mode} ${path}` }] }]
    },
    touches: ({ path }) => [touch.path(path)],
  }),
  link: defineOperation({
    name: 'run.link',
    args: taken as Taken<'link'>,
    async diff({ path, target }, host) {
      const have = await host.fact(entry(path))
      return have.type === 'link' && have.target === target ? [] : [{ summary: 'link', do: [{ run: sh`ln -s ${target} ${path}` }] }]
    },
    touches: ({ path, target }) => [touch.link(path, target)],
  }),
  line: defineOperation({
    name: 'run.line',
    args: taken as Taken<'line'>,
    async diff({ path, line }, host) {
      const have = await host.fact(text(path))
      return have.split('\n').includes(line) ? [] : [{ summary: 'add', do: [{ write: { path, content: `${have}${line}\n` } }] }]
    },
    touches: ({ path }) => [touch.path(path)],
  }),
  file: defineOperation({
    name: 'run.file',
    args: taken as Taken<'file'>,
    async diff({ path }, host) {
      return (await host.fact(entry(path))).type === '' ? [] : [{ summary: 'remove', removes: true, do: [{ run: sh`rm -f ${path}` }] }]
    },
    touches: ({ path }) => [touch.path(path)],
  }),
}

/** As stat writes it. */
function digits(mode: string): string {
  return mode.replace(/^0+/, '')
}
