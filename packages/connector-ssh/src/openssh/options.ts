import type { Target } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'
import { isHost, readPlace } from '../settings/names.ts'

export interface WayOptions {
  /** `accept-new` only for a host that no file names: ssh itself would also take another type of key than the known ones. */
  readonly strict: 'yes' | 'accept-new'
  /** Whether somebody answers what ssh asks. */
  readonly asks: boolean
  /** A shell text whose stdin and stdout are the connection; undefined = ssh dials itself. */
  readonly proxy: string | undefined
}

/**
 * The arguments of ssh for one machine, up to and without what it is to do there. What settings say stands here, in front of
 * any configuration; what they do not say (certificates, GSSAPI, tokens, ciphers) ssh reads where it always does.
 */
export function sshArguments(settings: Settings, { strict, asks, proxy }: WayOptions): string[] {
  const { hostname, port, user, knownAs, knownHosts, hashKnownHosts, keys, identitiesOnly, agent, forwardAgent, keepAlive, connectTimeout, configFile } = settings
  const named = port === 22 ? hostname : `[${hostname}]:${port}`
  const options: readonly (readonly [string, string] | undefined)[] = [
    ['HostName', percent(hostname)],
    knownAs === named ? undefined : ['HostKeyAlias', knownAs],
    ['StrictHostKeyChecking', strict],
    ['UserKnownHostsFile', knownHosts.length === 0 ? '/dev/null' : knownHosts.map(path).join(' ')],
    ['GlobalKnownHostsFile', '/dev/null'],
    ['HashKnownHosts', yes(hashKnownHosts)],
    ['UpdateHostKeys', 'no'],
    ['VerifyHostKeyDNS', 'no'],
    ['NoHostAuthenticationForLocalhost', 'no'],
    ['CheckHostIP', 'no'],
    ['BatchMode', yes(!asks)],
    ['NumberOfPasswordPrompts', '1'],
    ['IdentitiesOnly', yes(identitiesOnly)],
    ['IdentityAgent', agent === undefined ? 'none' : path(agent)],
    ...(keys.length === 0 ? [['IdentityFile', 'none'] as const] : keys.map((key) => ['IdentityFile', path(key.path)] as const)),
    ...settings.certificates.map((file) => ['CertificateFile', path(file)] as const),
    ['ForwardAgent', forwardAgent === undefined ? 'no' : path(forwardAgent)],
    ['ForwardX11', 'no'],
    ['ClearAllForwardings', 'yes'],
    ['PermitLocalCommand', 'no'],
    ['EscapeChar', 'none'],
    ['ConnectionAttempts', '1'],
    ...(connectTimeout > 0 ? [['ConnectTimeout', String(Math.ceil(connectTimeout))] as const] : []),
    ['ServerAliveInterval', String(Math.ceil(keepAlive.interval))],
    ['ServerAliveCountMax', String(Math.max(1, keepAlive.count))],
    // Its debug lines tell the key that a host shows and how far it came; the rest of them is thrown away.
    ['LogLevel', 'DEBUG1'],
    ['ProxyCommand', proxy ?? 'none'],
  ]
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...options.flatMap((option) => (option === undefined ? [] : ['-o', `${option[0]}=${option[1]}`])),
    '-T',
    '-l', user,
    '-p', String(port),
  ]
}

/** What follows `ssh`: the name that sections of the configuration are written for, and that the settings were looked up by. */
export function destination({ name, hostname }: Settings, { argument, data }: Target): string {
  const lookedUp = name === argument ? (data['ssh_hostname'] ?? readPlace(argument, `the name ${argument}`).host) : name
  return typeof lookedUp === 'string' && isHost(lookedUp) ? lookedUp : hostname
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no'
}

/** One word of a value, in which ssh takes blanks, quotes and backslashes for its own and fills in %-tokens. */
function path(text: string): string {
  return `"${percent(text).replace(/[\\"]/g, '\\$&')}"`
}

export function percent(text: string): string {
  return text.replaceAll('%', '%%')
}
