import { isIPv6 } from 'node:net'
import { refused } from './refused.ts'

/**
 * What may become part of a command line: of `ssh -G`, of the system's ssh, of a ProxyCommand. Letters of any script, digits
 * and a few signs that mean nothing to a shell and do not begin an option. OpenSSH's own check covers its command line
 * only, not what a configuration file says, and let `$` and `\` in user names through for years (CVE-2023-51385 and its sequel).
 */
const HOST = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._-]*$/u
/** As useradd and directories make them: `db-admin`, `svc.web`, `ana@example.net`. `DOMAIN\user` and machine accounts (`web$`) are out for the reason above. */
const USER = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._@+-]*$/u
const ZONE = /^[A-Za-z0-9._-]+$/
/** What a HostKeyAlias may be: it becomes a name in a known_hosts file, where `,`, `*`, `?`, `!`, `|` and blanks mean something. */
const ALIAS = /^[\p{L}\p{N}_[][\p{L}\p{M}\p{N}._:[\]-]*$/u
const LONGEST = 255

/** A name of the DNS or of a configuration file, an IPv4 or IPv6 address, with a zone (`fe80::1%eth0`). */
export function isHost(text: string): boolean {
  if (text.length > LONGEST) return false
  const [address = '', zone, ...more] = text.split('%')
  // Node.js makes its expression for addresses when it is first asked: that takes longer than all of this.
  if (address.includes(':') && isIPv6(address)) return more.length === 0 && (zone === undefined || ZONE.test(zone))
  return HOST.test(text)
}

export function isUser(text: string): boolean {
  return text.length <= LONGEST && USER.test(text)
}

export const HOST_RULE = 'A host is letters, digits and . _ - (not in front), or an IP address.'
export const USER_RULE = 'A user is letters, digits and . _ @ + - (the last four not in front).'

/** The host, or an error that says where it comes from: `the HostName of db1`. */
export function checkHost(text: string, whence: string): string {
  if (isHost(text)) return text
  throw refused('SSH_NAME', `${whence} is ${JSON.stringify(text)}, which is not taken as a host.`, HOST_RULE)
}

export function checkUser(text: string, whence: string): string {
  if (isUser(text)) return text
  throw refused('SSH_NAME', `${whence} is ${JSON.stringify(text)}, which is not taken as a user.`, `${USER_RULE} ssh_user in the host's data names another one.`)
}

export function checkAlias(text: string, whence: string): string {
  if (text.length <= LONGEST && (isHost(text) || ALIAS.test(text))) return text
  throw refused('SSH_NAME', `${whence} is ${JSON.stringify(text)}, which cannot stand in a known_hosts file.`, 'Use letters, digits and . _ : - [ ] in a HostKeyAlias.')
}

export function checkPort(text: string, whence: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65535) return port
  throw refused('SSH_NAME', `${whence} is ${JSON.stringify(text)}, which is not a port.`, 'A port is a number from 1 to 65535.')
}

/** One machine as it stands in a host's name or in a ProxyJump. */
export interface Place {
  readonly host: string
  readonly user: string | undefined
  readonly port: number | undefined
}

/** Reads `[ssh://][user@]host[:port]`; an IPv6 address with a port stands in brackets. */
export function readPlace(text: string, whence: string): Place {
  const bare = text.replace(/^ssh:\/\/(.*?)\/?$/s, '$1')
  const at = bare.lastIndexOf('@')
  const rest = bare.slice(at + 1)
  const [, address, bracketed, name, port] = /^(?:(\[(.*)\])|([^:]*))(?::(.*))?$/s.exec(rest) ?? []
  // Without brackets, more than one colon is an address that has no port.
  const whole = address === undefined && (rest.match(/:/g)?.length ?? 0) > 1
  return {
    host: checkHost(whole ? rest : (bracketed ?? name ?? rest), `The host in ${whence}`),
    user: at < 0 ? undefined : checkUser(bare.slice(0, at), `The user in ${whence}`),
    port: whole || port === undefined ? undefined : checkPort(port, `The port in ${whence}`),
  }
}
