import { join } from 'node:path'
import { forwardedOf, socketOf } from './agents.ts'
import { refuseBeyond } from './beyond.ts'
import type { Configuration, Lookup } from './lookup.ts'
import { fileOf } from './lookup.ts'
import type { Settings } from './contract.ts'
import type { HostData } from './keys.ts'
import { knownHostsOf } from './known-hosts-files.ts'
import { checkAlias, checkHost, checkPort, checkUser } from './names.ts'
import { dataPath, localUser } from './paths.ts'
import { commandTokens, fillPath, fillTokens, pathTokens } from './tokens.ts'
import type { Filling } from './tokens.ts'

/** Seconds. A link that is cut is noticed after 45, also in the middle of a command that prints nothing. */
const KEEP_ALIVE = 15
const CONNECT_TIMEOUT = 10
const RETRIES = 2
const RETRY_DELAY = { min: 0.1, max: 0.5 }

/** What is tried when no key is named, in OpenSSH's order; its versions differ in dead kinds (DSA, XMSS). */
const KEYS = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk']

export interface Reading {
  /** As it was asked for. */
  readonly name: string
  readonly lookup: Lookup
  readonly found: Configuration
  /** What is found where nothing is configured. */
  readonly defaults: Configuration
  readonly data: HostData
}

/** Settings from the configuration and the host's data, which win. Hops are none of its business. */
export function readSettings({ name, lookup, found, defaults, data }: Reading): Settings {
  const first = (key: string): string | undefined => found.get(key)?.[0]
  const filling = fillingOf(lookup, found)
  const { hostname, port, user, alias } = filling
  const tokens = pathTokens(filling)
  const whence = `${fileOf(lookup)} for ${lookup.name}`
  const paths = (key: string): string[] => (found.get(key) ?? []).filter((path) => path !== 'none').map((path) => fillPath(path, tokens, whence))
  const agent = socketOf(first('identityagent') ?? 'SSH_AUTH_SOCK', whence)
  const proxyCommand = first('proxycommand') ?? 'none'
  const transport = data.ssh_transport ?? 'ssh2'
  if (transport === 'ssh2') refuseBeyond(found, whence)
  const alone = data.ssh_key !== undefined
  const publicKeys = alone || !['no', 'false'].includes(first('pubkeyauthentication') ?? '')
  const look = data.ssh_look_for_keys ?? !alone
  const usual = look ? KEYS.map((key) => join(localUser().home, '.ssh', key)) : []
  const configured = same(found, defaults, 'identityfile') ? usual : alone && !look ? [] : paths('identityfile')
  return {
    name,
    hostname,
    port,
    user,
    knownAs: alias ?? (port === 22 ? hostname : `[${hostname}]:${port}`),
    knownHosts: knownHostsOf(data, found),
    strict: data.ssh_strict_host_key_checking ?? strictOf(first('stricthostkeychecking')),
    hashKnownHosts: first('hashknownhosts') === 'yes',
    keys: publicKeys ? [...(data.ssh_key === undefined ? [] : [{ path: dataPath(data.ssh_key), required: true }]), ...configured.map((path) => ({ path, required: false }))] : [],
    keyPassword: data.ssh_key_password,
    password: data.ssh_password,
    certificates: publicKeys ? paths('certificatefile') : [],
    agent: publicKeys && (data.ssh_allow_agent ?? !alone) ? agent : undefined,
    identitiesOnly: first('identitiesonly') === 'yes',
    forwardAgent: forwardedOf(data, first('forwardagent') ?? 'no', agent, whence),
    jumps: [],
    proxyCommand: proxyCommand === 'none' ? undefined : fillTokens(proxyCommand, commandTokens(filling), `The ProxyCommand in ${whence}`),
    connectTimeout: data.ssh_connect_timeout ?? (Number(first('connecttimeout')) || CONNECT_TIMEOUT),
    keepAlive: { interval: data.ssh_keepalive ?? (Number(first('serveraliveinterval')) || KEEP_ALIVE), count: Number(first('serveralivecountmax') ?? 3) },
    algorithms: algorithmsOf(found, defaults),
    transport,
    fileTransfer: data.ssh_file_transfer_protocol ?? 'sftp',
    configFile: lookup.file,
    connectRetries: data.ssh_connect_retries ?? RETRIES,
    retryDelay: retryDelayOf(data),
  }
}

/** Names from the configuration, which pass the allow-lists like all others. */
export function fillingOf(lookup: Lookup, found: Configuration): Filling {
  const first = (key: string): string => found.get(key)?.[0] ?? ''
  const { name } = lookup
  const whence = `of ${name} in ${fileOf(lookup)}`
  const alias = found.get('hostkeyalias')?.[0]
  return {
    name,
    hostname: checkHost(first('hostname'), `The HostName ${whence}`),
    port: checkPort(first('port'), `The port ${whence}`),
    user: checkUser(first('user'), `The user ${whence}`),
    alias: alias === undefined ? undefined : checkAlias(alias, `The HostKeyAlias ${whence}`),
  }
}

/** `no` and `off` would take any key of any host; here the least is that a changed one is refused. Nobody is asked in mid-run. */
function strictOf(value: string | undefined): Settings['strict'] {
  return ['accept-new', 'no', 'off', 'false'].includes(value ?? '') ? 'accept-new' : 'yes'
}

function algorithmsOf(found: Configuration, defaults: Configuration): Settings['algorithms'] {
  const list = (key: string): string[] | undefined => (same(found, defaults, key) ? undefined : found.get(key)?.[0]?.split(','))
  const all = { ciphers: list('ciphers'), kex: list('kexalgorithms'), macs: list('macs'), hostKeys: list('hostkeyalgorithms') }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function same(found: Configuration, defaults: Configuration, key: string): boolean {
  return JSON.stringify(found.get(key)) === JSON.stringify(defaults.get(key))
}

function retryDelayOf({ ssh_connect_retry_min_delay: min, ssh_connect_retry_max_delay: max }: HostData): Settings['retryDelay'] {
  return { min: min ?? Math.min(RETRY_DELAY.min, max ?? RETRY_DELAY.min), max: max ?? Math.max(RETRY_DELAY.max, min ?? 0) }
}
