import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { isChaosError } from '@chaos/core'
import type { ChaosError, Command, Connection, ConnectorContext } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import type { SshConnection } from '../../src/client/contract.ts'
import { openOpenssh } from '../../src/openssh/open.ts'
import type { Settings } from '../../src/settings/contract.ts'

/** Settings for a throw-away sshd: its key and its known_hosts, and nothing of whoever runs the tests. */
export function settingsFor(sshd: Pick<Sshd, 'host' | 'port' | 'key' | 'knownHosts'>, changes: Partial<Settings> = {}): Settings {
  return {
    name: sshd.host,
    hostname: sshd.host,
    port: sshd.port,
    user: 'root',
    knownAs: sshd.port === 22 ? sshd.host : `[${sshd.host}]:${sshd.port}`,
    knownHosts: [sshd.knownHosts],
    strict: 'yes',
    hashKnownHosts: false,
    keys: [{ path: sshd.key, required: true }],
    keyPassword: undefined,
    password: undefined,
    certificates: [],
    agent: undefined,
    identitiesOnly: true,
    forwardAgent: undefined,
    jumps: [],
    proxyCommand: undefined,
    connectTimeout: 20,
    keepAlive: { interval: 0, count: 3 },
    algorithms: {},
    transport: 'openssh',
    fileTransfer: 'shell',
    configFile: 'none',
    connectRetries: 0,
    retryDelay: { min: 0, max: 0 },
    ...changes,
  }
}

export interface OpenOptions {
  readonly base?: Connection
  readonly below?: readonly string[]
  readonly context?: Partial<ConnectorContext>
}

export function openTo(sshd: Pick<Sshd, 'host' | 'port' | 'key' | 'knownHosts'>, changes: Partial<Settings> = {}, { base, below = [], context }: OpenOptions = {}): Promise<SshConnection> {
  const settings = settingsFor(sshd, changes)
  const given = { ...pluginContext(), base: base ?? ({} as Connection), ...context }
  return openOpenssh(settings, { host: settings.name, argument: settings.name, data: {}, below }, given)
}

/** What a command printed, and its code. */
export async function run(connection: Connection, command: Command): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const { stdin, stdout, stderr, exit } = await connection.spawn(command)
  stdin.end()
  const [out, err, { code }] = await Promise.all([text(stdout), text(stderr), exit])
  return { stdout: out, stderr: err, code }
}

/** What an opening was refused with. One that comes about is closed, and no refusal. */
export async function refusal(opening: Promise<Connection>): Promise<ChaosError> {
  const opened = await opening.catch((error: unknown) => error)
  if (isChaosError(opened)) return opened
  if (opened instanceof Error) throw opened
  await (opened as Connection).close({ outcome: 'done' })
  throw new Error('it was opened')
}

/** A temporary folder of the test's own, in which the private folders of connections lie: what they leave is seen. */
export interface Scratch {
  readonly folder: string
  /** Files that connections have there now, and processes that name them. */
  left(): { files: string[]; processes: string[] }
  /** Removes it; an error when connections have left anything but these files. */
  remove(files?: readonly string[]): void
}

export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-t-'))
  const before = { TMPDIR: process.env['TMPDIR'], XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] }
  process.env['TMPDIR'] = folder
  delete process.env['XDG_RUNTIME_DIR']
  const left: Scratch['left'] = () => ({ files: readdirSync(folder, { recursive: true }).map(String).toSorted(), processes: processes(({ argv }) => argv.includes(folder)) })
  return {
    folder,
    left,
    remove(files = []) {
      const found = left()
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
      rmSync(folder, { recursive: true, force: true })
      assert.deepEqual(found, { files: [...files], processes: [] })
    },
  }
}

/** Processes that run, zombies excepted, as `pid argv`. */
export function processes(wanted: (seen: { argv: string; environment: string }) => boolean): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const state = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0]
        const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
        return state !== 'Z' && wanted({ argv, environment }) ? [`${pid} ${argv.slice(0, 60).replaceAll('\n', ';')}`] : []
      } catch {
        return []
      }
    })
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}
