import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import type { Command, Connection, ConnectorContext, Target } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { onTestFinished } from 'vitest'
// What @ssh stands on in a run.
import { openLocal } from '../../../connector-local/src/open.ts'
import { openClient } from '../../src/client/open.ts'
import type { SshConnection } from '../../src/client/contract.ts'
import type { Settings } from '../../src/settings/contract.ts'

/** One run's context, on this machine; what it opened ends with the test. */
export function runContext(changes: Partial<ConnectorContext> = {}): ConnectorContext {
  return { ...pluginContext(), base: openLocal(), ...changes }
}

export function targetOf(host: string): Target {
  return { host, argument: host, data: {}, below: [] }
}

/** Settings for a user of a throw-away sshd, by its key. */
export function settingsFor(sshd: Pick<Sshd, 'host' | 'port' | 'key' | 'knownHosts'>, changes: Partial<Settings> = {}): Settings {
  return {
    name: 'web',
    hostname: sshd.host,
    port: sshd.port,
    user: 'root',
    knownAs: `[${sshd.host}]:${sshd.port}`,
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
    connectTimeout: 10,
    keepAlive: { interval: 15, count: 3 },
    algorithms: {},
    transport: 'ssh2',
    fileTransfer: 'sftp',
    configFile: undefined,
    connectRetries: 0,
    retryDelay: { min: 0.1, max: 0.5 },
    ...changes,
  }
}

/** Opens a connection that is closed when the test is over. */
export async function open(settings: Settings, context: ConnectorContext = runContext()): Promise<SshConnection> {
  const connection = await openClient(settings, targetOf(settings.name), context)
  onTestFinished(() => connection.close({ outcome: 'done' }))
  return connection
}

export async function run(connection: Connection, command: Command): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const running = await connection.spawn(command)
  running.stdin.end()
  const [stdout, stderr, { code }] = await Promise.all([text(running.stdout), buffer(running.stderr), running.exit])
  return { stdout, stderr: stderr.toString(), code }
}

/** A folder that goes with the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'chaos-ssh-client-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** An error as a test compares it. */
export async function failing(work: Promise<unknown>): Promise<{ code: string; message: string; hint: string | undefined; details: Record<string, unknown> | undefined }> {
  const error = await work.then(
    (value) => {
      throw new Error(`it did not fail: ${String(value)}`)
    },
    (thrown: unknown) => thrown as { code: string; message: string; hint: string | undefined; details: Record<string, unknown> | undefined },
  )
  return error
}
