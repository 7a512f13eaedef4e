/** Who can log in to a throw-away machine. */
export interface MachineUser {
  /** Login shell. Default /bin/sh. */
  readonly shell?: string
  /** None = no password works. */
  readonly password?: string
  /** Lines of files below the home, by relative path: `.bashrc`, `.ssh/environment`. */
  readonly files?: Readonly<Record<string, string>>
}

export interface MachineOptions {
  /** Besides root. Each has a home and takes the key of the sshd. */
  readonly users?: Readonly<Record<string, MachineUser>>
  readonly rootPassword?: string
  /** The whole of /etc/sudoers behind our Defaults; not given = only root may. */
  readonly sudoers?: string
  /** The whole of /etc/doas.conf. */
  readonly doas?: string
  /** A network of its own with one address, reached from `client` alone: links can be cut there. Default false: the machine's loopback. */
  readonly network?: boolean
}

/**
 * A throw-away machine: this one's files with a layer over them that is gone with it, processes and mounts of its own.
 * Nothing that is done there is seen outside.
 */
export interface Machine {
  /** Runs a script as root inside, and gives what it printed; a code other than 0 is an error. */
  run(script: string): Promise<string>
  /** Puts in front of a program to run it inside. */
  readonly enter: readonly string[]
  /** Ends all of it. */
  close(): Promise<void>
}

export interface SshdOptions extends MachineOptions {
  /** Lines of sshd_config, in front of ours: the first one of a kind wins. */
  readonly config?: string
  /** Types of the host keys. Default ed25519 alone. */
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[]
}

/** A real sshd on a throw-away machine. */
export interface Sshd extends Machine {
  /** 127.0.0.1, or the address in its own network. */
  readonly host: string
  readonly port: number
  /** A private key, without a passphrase, that every user takes. */
  readonly key: string
  /** A known_hosts file that holds its keys. */
  readonly knownHosts: string
  /** Text of a public host key, of this type. */
  hostKey(type?: 'ed25519' | 'ecdsa' | 'rsa'): string
  /** Other host keys from the next connection on; `knownHosts` stays as it is. */
  changeHostKeys(): Promise<void>
  /** Ends the listening sshd, and starts it again; connections stay unless `connections`. */
  stop(options?: { connections?: boolean }): Promise<void>
  start(): Promise<void>
  /** What sshd logged. */
  log(): string
  /** Connections that are established now. */
  connections(): Promise<number>
  /** With `network`: the link goes down and up again. */
  link(state: 'down' | 'up'): Promise<void>
  /** With `network`: put in front of a client program to run it on the other end of the link. */
  readonly client: readonly string[]
}
