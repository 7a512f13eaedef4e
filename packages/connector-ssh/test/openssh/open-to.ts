import type { Connection, ConnectorContext } from '@chaos/core'
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
