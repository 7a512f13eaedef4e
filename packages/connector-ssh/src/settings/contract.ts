import type { Secret } from '@chaos/core'

/** How one machine is reached: host data over ~/.ssh/config over OpenSSH's defaults. All of it has passed the allow-lists; paths are absolute. */
export interface Settings {
  /** As it was asked for: the name in the Ch-obolo, or of a hop. Messages say this one. */
  readonly name: string
  /** What is dialled. */
  readonly hostname: string
  readonly port: number
  readonly user: string
  /** What the host is called in known_hosts files: `db1`, `[db1]:2222`, or HostKeyAlias. */
  readonly knownAs: string
  /** Files that trusted keys are looked up in; the first one is appended to. */
  readonly knownHosts: readonly string[]
  /** `accept-new` keeps the key of a host that is not known yet; a changed one is always refused. */
  readonly strict: 'yes' | 'accept-new'
  /** Whether names are hashed when they are appended. */
  readonly hashKnownHosts: boolean
  /** Private keys to try, in order; those that are not there are passed over, unless `required`. */
  readonly keys: readonly { readonly path: string; readonly required: boolean }[]
  readonly keyPassword: Secret | undefined
  readonly password: Secret | undefined
  /** Certificates that the configuration names. Only the transport `openssh` can show them; kept so that a refused login can say so. */
  readonly certificates: readonly string[]
  /** The socket of the agent whose keys may be tried. */
  readonly agent: string | undefined
  /** Of the agent's keys only those that are among `keys`. */
  readonly identitiesOnly: boolean
  /** The socket of the agent that the host may use; not always the one whose keys are tried. undefined = none is forwarded. */
  readonly forwardAgent: string | undefined
  /** Hops on the way, the first one first, each with settings of its own. Theirs have no `jumps`; the first one may have a `proxyCommand`. */
  readonly jumps: readonly Settings[]
  /** A shell text of this machine whose stdin and stdout are the connection; its tokens are filled in. */
  readonly proxyCommand: string | undefined
  /** Seconds until a connection that is not up is given up. */
  readonly connectTimeout: number
  /** Seconds between signs of life, and how many may go unanswered. 0 = none. */
  readonly keepAlive: { readonly interval: number; readonly count: number }
  /** What the user's configuration allows, in its order; undefined = our own choice. */
  readonly algorithms: { readonly ciphers?: readonly string[]; readonly kex?: readonly string[]; readonly macs?: readonly string[]; readonly hostKeys?: readonly string[] }
  readonly transport: 'ssh2' | 'openssh'
  /** How files travel: by sftp where the host has it, or always through the shell. */
  readonly fileTransfer: 'sftp' | 'shell'
  /** The configuration file given by the host's data; undefined = the usual ones. For `ssh -F`. */
  readonly configFile: string | undefined
  readonly connectRetries: number
  /** Seconds. */
  readonly retryDelay: { readonly min: number; readonly max: number }
}
