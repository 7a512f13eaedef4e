import type { AnyAuthMethod, BaseAgent, ConnectConfig } from 'ssh2'
import type { Duplex } from 'node:stream'
import type { Settings } from '../../settings/contract.ts'
import type { HostKeyJudge } from './host-key.ts'
import type { Offer } from './algorithms.ts'

/** The next way to log in, asked for by ssh2 with the server's last answer. */
export type NextMethod = (methods: string[] | null, partial: boolean | null, answer: (method: AnyAuthMethod | false) => void) => void

export interface ConfigParts {
  readonly settings: Settings
  readonly transport: Duplex
  /** Not optional: ssh2 takes every host key where it is given no verifier. */
  readonly hostKey: HostKeyJudge
  readonly offer: Offer
  readonly next: NextMethod
  readonly forwarded: BaseAgent | undefined
}

/** The one place where a configuration for ssh2 is made. */
export function configOf({ settings, transport, hostKey, offer, next, forwarded }: ConfigParts): ConnectConfig {
  const { interval, count } = settings.keepAlive
  return {
    sock: transport,
    username: settings.user,
    hostVerifier: (key: Buffer) => hostKey.accepts(key),
    algorithms: offer.algorithms,
    // ssh2 asks with null before the first answer, which its types leave out; and takes false, for nothing left.
    authHandler: next as unknown as NonNullable<ConnectConfig['authHandler']>,
    readyTimeout: 0,
    keepaliveInterval: interval * 1000,
    keepaliveCountMax: Math.max(1, count),
    ...(forwarded === undefined ? {} : { agent: forwarded }),
  }
}
