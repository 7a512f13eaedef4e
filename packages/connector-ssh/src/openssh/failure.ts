import { ChaosError } from '@chaos/core'
import { dialError, placeName, timedOut } from '../client/errors.ts'
import type { Place } from '../client/errors.ts'
import { brokeOff, notSsh } from '../client/link/refused.ts'
import type { KnownHosts, Verdict } from '../known-hosts/contract.ts'
import { refusalOf } from '../known-hosts/refusal.ts'
import type { Askpass } from './askpass.ts'
import type { Said } from './said.ts'

/** One try to log in: what ssh said, and what it was answered. */
export interface Attempt {
  readonly place: Place
  readonly said: Said
  readonly known: KnownHosts
  readonly askpass: Askpass | undefined
  /** The password was asked for once more, and ssh was ended before it could try it twice. */
  readonly again: boolean
}

/** Why ssh did not log in, in the words that the other transport has. */
export function loginFailure(attempt: Attempt, code: number | null): ChaosError {
  const { place, said } = attempt
  return (
    (code === 127 ? missing(place) : undefined) ??
    configuration(place, said) ??
    hostKey(attempt) ??
    authentication(attempt) ??
    dialling(place, said) ??
    protocol(place, said) ??
    new ChaosError('CONNECT_FAILED', {
      message: `ssh could not connect to ${placeName(place.settings)}: ${said.lines.at(-1) ?? `it ended with ${code === null ? 'a signal' : `code ${code}`}`}`,
      hint: 'See whether ssh reaches it from where chaos runs.',
      host: place.target.host,
      details: { said: said.lines, code },
    })
  )
}

function hostKey({ place, said, known }: Attempt): ChaosError | undefined {
  const shown = said.key ?? { type: 'a key', fingerprint: 'that ssh does not tell' }
  const refuse = (verdict: Exclude<Verdict, { state: 'trusted' }>): ChaosError => refusalOf(place.settings, verdict, shown)
  // What the files say of a key that none of them has: the lines that name the host.
  const named = known.judge(Buffer.alloc(0))
  const lines = 'known' in named ? named.known : []
  if (has(said, /REVOKED HOST KEY DETECTED|host key .* revoked/i)) return refuse({ state: 'revoked', known: lines })
  if (has(said, /REMOTE HOST IDENTIFICATION HAS CHANGED/)) return refuse({ state: 'changed', known: lines })
  if (!has(said, /Host key verification failed|host (?:key|certificate) is known for/)) return undefined
  return refuse(named.state === 'changed' ? named : { state: 'unknown' })
}

function authentication({ place: { settings, target }, said, askpass, again }: Attempt): ChaosError | undefined {
  const methods = /Permission denied \(([^)]*)\)/.exec(find(said, /Permission denied \(/) ?? '')?.[1]?.split(',') ?? []
  const tooMany = has(said, /Too many authentication failures/i)
  if (methods.length === 0 && !tooMany && !again) return undefined
  const password = askpass?.given.has('password') === true
  // ssh asks for it when the host has already said that it takes the key.
  const locked = askpass?.given.has('passphrase') === true
  const keys = said.lines.filter((line) => /^Load key |UNPROTECTED PRIVATE KEY|^sign_and_send_pubkey|^Certificate/.test(line))
  return new ChaosError('AUTHENTICATION_FAILED', {
    message: [
      `${placeName(settings)} does not let ${settings.user} in.`,
      ...(password ? ['refused   the password'] : []),
      ...keys.map((line) => `not tried ${line.replace(/^@+\s*/, '')}`),
      ...(locked ? ['not tried a key that its passphrase does not open'] : []),
      ...(askpass?.unanswered ?? []).map((line) => `asked     ${line}, and nobody could answer`),
      ...(methods.length > 0 ? [`it takes  ${methods.join(', ')}`] : []),
      ...(tooMany ? ['it says   too many authentication failures'] : []),
    ].join('\n'),
    hint: locked ? 'Check ssh_key_password.' : hint(password, tooMany, methods),
    host: target.host,
    details: { retry: false, user: settings.user, methods, said: said.lines },
  })
}

function hint(password: boolean, tooMany: boolean, methods: readonly string[]): string {
  if (tooMany) return 'The server counts every key it refuses. Name the right one: ssh_key, or IdentitiesOnly with IdentityFile in the SSH configuration.'
  if (password) return 'Check ssh_user and ssh_password.'
  if (methods.includes('publickey')) return 'Check ssh_user, and that one of the keys is in its authorized_keys or has a certificate that is valid.'
  return 'Set ssh_password, or let the server take one of the keys (authorized_keys).'
}

function dialling(place: Place, said: Said): ChaosError | undefined {
  const line = find(said, /^ssh: (?:Could not resolve hostname|connect to )/)
  if (line !== undefined) return dialError(place, new Error(line.replace(/^ssh: (?:Could not resolve hostname \S+|connect to \S+ \S+ port \d+): /, '')))
  return has(said, /timed out/i) ? timedOut(place, 'it did not answer') : undefined
}

function configuration({ settings, target }: Place, said: Said): ChaosError | undefined {
  const line = find(said, /Bad configuration option|Bad owner or permissions|terminating, \d+ bad configuration|^command-line: line|^\S+: line \d+|^\S+ line \d+: /)
  if (line === undefined) return undefined
  return new ChaosError('SSH_CONFIG', {
    message: `ssh does not understand its configuration for ${settings.name}: ${line}`,
    hint: 'Correct the file it names; `ssh -G HOST` says the same.',
    host: target.host,
    details: { retry: false, said: said.lines },
  })
}

function protocol(place: Place, said: Said): ChaosError | undefined {
  const { settings, target } = place
  const never = find(said, /Unable to negotiate|no matching|no hostkey alg/i)
  if (never !== undefined) {
    return new ChaosError('SSH_PROTOCOL', {
      message: `${placeName(settings)} and ssh could not come to terms: ${never.replace(/^Unable to negotiate with \S+ port \d+: /, '')}`,
      hint: 'Allow what both know: Ciphers, KexAlgorithms, HostKeyAlgorithms in the SSH configuration.',
      host: target.host,
      details: { retry: false, said: said.lines },
    })
  }
  const line = find(said, /kex_exchange_identification|ssh_exchange_identification|Connection (?:closed|reset)|Bad packet|Corrupted|protocol|Broken pipe|banner/i)
  if (line === undefined) return undefined
  if (settings.proxyCommand !== undefined && said.key === undefined && said.greeting === '') {
    return new ChaosError('CONNECT_PROXY', {
      message: `The ProxyCommand for ${placeName(settings)} brought no connection: ${said.lines[0]}`,
      hint: 'Run it by hand, or see ProxyCommand in the SSH configuration.',
      host: target.host,
      details: { said: said.lines },
    })
  }
  const cause = new Error(line)
  return said.key === undefined ? notSsh(place, Buffer.from(said.greeting, 'latin1'), cause) : brokeOff(place, cause)
}

function missing({ settings, target }: Place): ChaosError {
  return new ChaosError('SSH_MISSING', {
    message: `${settings.name} is to be reached by the system's ssh (ssh_transport: openssh), but there is no program \`ssh\` here.`,
    hint: 'Install the OpenSSH client (Debian: openssh-client), or leave ssh_transport out.',
    host: target.host,
    details: { retry: false },
  })
}

export function tooOld({ settings, target }: Place): ChaosError {
  return new ChaosError('SSH_TOO_OLD', {
    message: `The ssh of this machine is too old to carry the connection to ${settings.name}.`,
    hint: 'Install OpenSSH 7.4 or later, or leave ssh_transport out.',
    host: target.host,
    details: { retry: false },
  })
}

function has(said: Said, pattern: RegExp): boolean {
  return find(said, pattern) !== undefined
}

function find({ lines }: Said, pattern: RegExp): string | undefined {
  return lines.find((line) => pattern.test(line))
}
