import { ChaosError } from '@chaos/core'
import { dialError, placeName, timedOut } from '../client/errors.ts'
import type { Place } from '../client/errors.ts'
import type { KnownHosts, Verdict } from '../known-hosts/contract.ts'
import { refusalOf } from '../known-hosts/refusal.ts'
import type { Askpass } from './askpass.ts'
import type { Said } from './said.ts'

/** One machine on the way, and what its ssh said and was asked. */
export interface Leg {
  readonly place: Place
  readonly said: Said
  readonly known: KnownHosts
  readonly askpass: Askpass | undefined
}

/** Why the way could not be opened: the first machine on it that something went wrong with, in the words that the other transport has. */
export function wayFailure(legs: readonly Leg[], code: number | null): ChaosError {
  for (const [index, leg] of legs.entries()) {
    const found = hostKey(leg) ?? authentication(leg) ?? dialling(leg) ?? configuration(leg) ?? forwarding(leg, legs[index + 1]?.place) ?? protocol(leg)
    if (found !== undefined) return found
  }
  const last = legs.at(-1) as Leg
  if (code === 127) return sshMissing(last.place)
  return new ChaosError('SSH_PROTOCOL', {
    message: `ssh could not connect to ${placeName(last.place.settings)}: ${last.said.lines.at(-1) ?? `it ended with code ${code}`}`,
    hint: 'Try ssh itself: what it says is in details.said.',
    host: last.place.target.host,
    details: { said: last.said.lines, code },
  })
}

function hostKey({ place, said, known }: Leg): ChaosError | undefined {
  const shown = said.key ?? { type: 'a key', fingerprint: 'that ssh does not tell' }
  const refuse = (verdict: Exclude<Verdict, { state: 'trusted' }>): ChaosError => refusalOf(place.settings, verdict, shown)
  // What the files say of a key that none of them has: the lines that name the host.
  const named = known.judge(Buffer.alloc(0))
  const lines = 'known' in named ? named.known : []
  if (has(said, /REVOKED HOST KEY DETECTED|host key .* (?:is )?revoked/i)) return refuse({ state: 'revoked', known: lines })
  if (has(said, /REMOTE HOST IDENTIFICATION HAS CHANGED/)) return refuse({ state: 'changed', known: lines })
  if (!has(said, /Host key verification failed|host (?:key|certificate) is known for/)) return undefined
  return refuse(named.state === 'changed' ? named : { state: 'unknown' })
}

function authentication({ place, said, askpass }: Leg): ChaosError | undefined {
  const { settings, target } = place
  const denied = said.lines.map((line) => /Permission denied(?: \(([^)]*)\))?/.exec(line)).find(Boolean)
  const tooMany = has(said, /Too many authentication failures|maximum authentication attempts/i)
  // The password was asked for again, and ssh was ended before it could try it twice.
  const again = askpass?.given.has('password') === true && !said.authenticated
  if (!denied && !tooMany && !again) return undefined
  const methods = denied?.[1]?.split(',') ?? []
  const unlocked = said.lines.filter((line) => /^Load key |UNPROTECTED PRIVATE KEY|bad permissions|sign_and_send_pubkey/.test(line))
  const password = askpass?.given.has('password') === true
  return new ChaosError('AUTHENTICATION_FAILED', {
    message: [
      `${placeName(settings)} does not let ${settings.user} in.`,
      ...(password ? ['refused   the password'] : []),
      ...unlocked.map((line) => `not tried ${line}`),
      ...(askpass?.unanswered ?? []).map((line) => `asked     ${line}, and nobody could answer`),
      ...(methods.length > 0 ? [`it takes  ${methods.join(', ')}`] : []),
      ...(tooMany ? ['it says   too many authentication failures'] : []),
    ].join('\n'),
    hint: hint(password, tooMany, methods),
    host: target.host,
    details: { retry: false, user: settings.user, methods, said: said.lines },
  })
}

function hint(password: boolean, tooMany: boolean, methods: readonly string[]): string {
  if (tooMany) return 'The server counts every key it refuses. Name the right one: ssh_key, or IdentitiesOnly with IdentityFile in the SSH configuration.'
  if (password) return 'Check ssh_user and ssh_password.'
  if (methods.includes('publickey')) return 'Check ssh_user, and that one of the keys is in its authorized_keys or its certificate is valid.'
  return 'Set ssh_password, or let the server take one of the keys (authorized_keys).'
}

function dialling({ place, said }: Leg): ChaosError | undefined {
  const line = find(said, /^ssh: (?:Could not resolve hostname|connect to host)/)
  if (line !== undefined) return dialError(place, new Error(line.replace(/^ssh: (?:Could not resolve hostname \S+|connect to (?:host|address) \S+ port \d+): /, '')))
  if (has(said, /timed out during banner exchange|Connection timed out|Timeout, server .* not responding/i)) return timedOut(place, 'it did not answer')
  return undefined
}

function configuration({ place: { settings, target }, said }: Leg): ChaosError | undefined {
  const line = find(said, /Bad configuration option|Bad owner or permissions|terminating, \d+ bad configuration|ControlPath too long|^\S+ line \d+: /)
  if (line === undefined) return undefined
  return new ChaosError('SSH_CONFIG', {
    message: `ssh does not understand its configuration for ${settings.name}: ${line}`,
    hint: 'Correct the file it names; `ssh -G HOST` says the same.',
    host: target.host,
    details: { retry: false, said: said.lines },
  })
}

/** A hop that is in order, but does not lead on. */
function forwarding({ place, said }: Leg, next: Place | undefined): ChaosError | undefined {
  const line = find(said, /open failed: |stdio forwarding failed/)
  if (line === undefined || next === undefined) return undefined
  if (/administratively prohibited/.test(line)) {
    return new ChaosError('CONNECT_FORBIDDEN', {
      message: `${placeName(place.settings)} does not pass connections on to ${placeName(next.settings)}.`,
      hint: 'Allow it there: AllowTcpForwarding and PermitOpen in sshd_config, no-port-forwarding in authorized_keys.',
      host: place.target.host,
      details: { retry: false, said: line },
    })
  }
  return dialError(next, new Error(line.replace(/^.*open failed: (?:connect failed: )?/, '')))
}

function protocol({ place: { settings, target }, said }: Leg): ChaosError | undefined {
  const line = find(said, /kex_exchange_identification|ssh_exchange_identification|Unable to negotiate|no matching|Connection (?:closed|reset)|Bad packet|Corrupted|protocol|Broken pipe/i)
  if (line === undefined) return undefined
  const never = /Unable to negotiate|no matching/.test(line)
  return new ChaosError('SSH_PROTOCOL', {
    message: `${placeName(settings)} and ssh could not come to terms: ${line}`,
    hint: never ? 'Allow what both know: Ciphers, KexAlgorithms, HostKeyAlgorithms in the SSH configuration.' : `See whether it is an sshd that listens on port ${settings.port}, and whether it has room (MaxStartups).`,
    host: target.host,
    details: { ...(never ? { retry: false } : {}), said: said.lines },
  })
}

export function sshMissing({ settings, target }: Place): ChaosError {
  return new ChaosError('SSH_MISSING', {
    message: `${settings.name} is to be reached by the system's ssh (ssh_transport: openssh), but there is no program \`ssh\` here.`,
    hint: 'Install the OpenSSH client (Debian: openssh-client), or leave ssh_transport out.',
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
