import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineFact, defineOperation, defineRole, quote, sh, touch } from '@chaos/core'
import type { Command, Op, Schema } from '@chaos/core'
import type { Sshd } from '@chaos/testkit'
import local from '../../../connector-local/src/index.ts'
// The engine as it is in a run; a connector knows nothing of it.
import { run } from '../../../engine/src/index.ts'
import type { EngineEvent, Listener, RunOptions, RunResult } from '../../../engine/src/index.ts'
import ssh from '../../src/index.ts'
import { folder } from '../client/support.ts'

export interface Applied extends RunResult {
  readonly events: readonly EngineEvent[]
  of<T extends EngineEvent['type']>(type: T): Extract<EngineEvent, { type: T }>[]
}

export type HostKeys = Readonly<Record<string, unknown>>

/** What a host of a Ch-obolo would carry to reach this sshd as root: through a ProxyCommand, when it has a network of its own. */
export function hostData(sshd: Pick<Sshd, 'host' | 'port' | 'key' | 'knownHosts' | 'client'>, changes: HostKeys = {}): HostKeys {
  const config = `${folder()}/config`
  const pipe = [...sshd.client, process.execPath, fileURLToPath(new URL('pipe.mjs', import.meta.url))].map(quote).join(' ')
  writeFileSync(config, sshd.client.length === 0 ? '' : `Host *\n  ProxyCommand ${pipe} %h %p\n`)
  return {
    ssh_hostname: sshd.host, ssh_port: sshd.port, ssh_user: 'root', ssh_key: sshd.key, ssh_known_hosts_file: sshd.knownHosts, ssh_config_file: config,
    ssh_connect_retries: 0, ...changes,
  }
}

/** Applies operations to one host over SSH, by the whole engine. */
export async function applyOver(data: HostKeys, operations: readonly Op[], { told, ...options }: Partial<RunOptions> & { told?: Listener } = {}): Promise<Applied> {
  const events: EngineEvent[] = []
  const result = await run({
    choboloPath: '/nowhere/ch-obolo.yml',
    hosts: [{ name: '@ssh/web', data: { ...data } }],
    slice: () => ({ desired: {}, chobolo: {} }),
    dry: false,
    skipConfirm: true,
    ...options,
    load: async (_, name) => (name === 'local' ? local : ssh),
    roles: [{ tag: 'test', role: defineRole(() => operations), explicit: true }],
    listeners: [(event) => void events.push(event), ...(told ? [told] : [])],
  })
  return { ...result, events, of: (type) => events.filter((event) => event.type === type) as never }
}

function anything<T>(): Schema<T> {
  return { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as T }) } }
}

const content = defineFact({
  name: 'test.content',
  command: (path: string) => sh`if [ -e ${path} ]; then cat -- ${path}; else exit 3; fi`,
  exit: [0, 3],
  parse: (stdout, { code }) => (code === 3 ? null : stdout),
  reads: (path) => [touch.path(path)],
})

/** The file /tmp/NAME with the text `done`, made by this command; /tmp/NAME.ran gets a line each time that runs. */
export const made = defineOperation({
  name: 'test.made',
  args: anything<{ name: string; how?: Command }>(),
  async diff({ name, how }, host) {
    const have = await host.fact(content(`/tmp/${name}`))
    const make = how ?? sh`echo done > ${`/tmp/${name}`}`
    return have === 'done\n' ? [] : [{ summary: have === null ? 'make' : 'mend', before: have, do: [{ run: sh`echo ran >> ${`/tmp/${name}.ran`}; ${make}` }] }]
  },
  touches: ({ name }) => [touch.path(`/tmp/${name}`)],
})

/** Resolves once a file is there. */
export async function appears(sshd: Pick<Sshd, 'run'>, path: string): Promise<void> {
  await sshd.run(`while [ ! -e ${quote(path)} ]; do sleep 0.02; done`)
}

/** How often the change of `made` ran, by name. */
export async function ran(sshd: Pick<Sshd, 'run'>, ...names: readonly string[]): Promise<number[]> {
  const counts = await sshd.run(names.map((name) => `{ cat /tmp/${name}.ran 2>/dev/null || :; } | wc -l`).join('\n'))
  return counts.trim().split('\n').map(Number)
}

/** How often somebody logged in. */
export function logins(sshd: Pick<Sshd, 'log'>): number {
  return sshd.log().match(/Accepted \w+ for/g)?.length ?? 0
}
