export interface ConfigOptions {
  readonly address: string
  readonly port: number
  readonly hostKeys: readonly string[]
  readonly rootPassword: boolean
  /** Lines in front. */
  readonly config: string
}

/** Where the keys are that every user takes. */
export const AUTHORIZED_KEYS = '/etc/ssh/chaos_authorized_keys'
export const PID_FILE = '/run/sshd.pid'

/** What Debian ships, the keys that every user takes, and a log that says who came how. */
export function sshdConfig({ address, port, hostKeys, rootPassword, config }: ConfigOptions): string {
  // What follows a Match is of the Match, so ours goes between.
  const match = config.search(/^[ \t]*match[ \t=]/im)
  const [asked, matches] = match === -1 ? [config, ''] : [config.slice(0, match), config.slice(match)]
  return [
    `Port ${port}`,
    `ListenAddress ${address}`,
    `PidFile ${PID_FILE}`,
    ...hostKeys.map((file) => `HostKey ${file}`),
    asked,
    `AuthorizedKeysFile ${AUTHORIZED_KEYS}`,
    // The homes are of a layer over whatever the folders above are.
    'StrictModes no',
    'LogLevel VERBOSE',
    ...(rootPassword ? ['PermitRootLogin yes'] : []),
    'KbdInteractiveAuthentication no',
    'UsePAM yes',
    'PrintMotd no',
    'AcceptEnv LANG LC_*',
    // The only one that may not be there twice.
    ...(/^[ \t]*subsystem[ \t=]+sftp[ \t]/im.test(config) ? [] : ['Subsystem sftp internal-sftp']),
    matches,
    '',
  ].join('\n')
}
