import { isSecret, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import * as z from '@chaos/operations/zod'
import { HOST_RULE, USER_RULE, isHost, isUser } from './names.ts'

const STRICT = 'must be true or accept-new: a host key is never taken unseen. accept-new keeps the key of a new host and refuses a changed one; '
  + '`chaos trust HOST` shows a key and asks'
const PORT = 'must be a port, 1 to 65535'
const port = z.int(PORT).min(1, PORT).max(65535, PORT)
const path = z.string().min(1)
const seconds = z.number().min(0)
const password = z.union([z.string(), z.custom<Secret>(isSecret).meta({ format: 'chaos-secret' })], { error: 'must be a text or a secret' })
  .transform((value): Secret => (isSecret(value) ? value : secret(value)))

/**
 * What a host may say of how it is reached. Nothing has a default here: what is not said comes from OpenSSH's configuration
 * files, and some defaults depend on other keys.
 */
export const keys = z.strictObject({
  ssh_hostname: z.string().refine(isHost, HOST_RULE)
    .describe('Name or address that is connected to, as it would follow `ssh`: the configuration is looked up by it. Default: the name of the host.'),
  ssh_port: z.union([port, z.string().regex(/^\d+$/, PORT).transform(Number).pipe(port)], PORT).describe('Default: as the configuration says, else 22.'),
  ssh_user: z.string().refine(isUser, USER_RULE)
    .describe('Who logs in. Default: as the configuration says, else who runs chaos.'),
  ssh_password: password.describe('Password of the login; best a secret. It is sent only after the host key was accepted.'),
  ssh_key: path.describe('Private key. With it neither the agent nor other keys are tried, unless ssh_allow_agent or ssh_look_for_keys is true. `~/` is the home; relative paths start where chaos runs.'),
  ssh_key_password: password.describe('Passphrase of the private keys; best a secret.'),
  ssh_allow_agent: z.boolean().describe("Whether the agent's keys are tried. Default true, with ssh_key false."),
  ssh_look_for_keys: z.boolean().describe('Whether keys are tried that nobody named, as ~/.ssh/id_ed25519. Default true, with ssh_key false.'),
  ssh_forward_agent: z.boolean().describe('Whether the host may use the agent, where there is one. Default: as the configuration says, else false.'),
  ssh_config_file: path.describe('Configuration file instead of ~/.ssh/config and the one of the system; /dev/null for none.'),
  ssh_known_hosts_file: z.union([path, z.array(path).min(1)], { error: 'must be a file, or a list of files' })
    .describe('Files with trusted host keys, instead of all others; new ones are written to the first.'),
  ssh_strict_host_key_checking: z.union([z.literal(true), z.enum(['yes', 'accept-new'])], { error: STRICT })
    .transform((value): 'yes' | 'accept-new' => (value === true ? 'yes' : value))
    .describe('true: an unknown host is refused. accept-new: its key is kept. A changed key is always refused. Default: as the configuration says (no and off mean accept-new), else true.'),
  ssh_connect_retries: z.int().min(0).max(100).describe('How often a connection that failed is tried again; refused credentials never are. Default 2: a busy sshd drops newcomers at random.'),
  ssh_connect_retry_min_delay: seconds.describe('Seconds between two tries, at least. Default 0.1.'),
  ssh_connect_retry_max_delay: seconds.describe('Seconds between two tries, at most. Default 0.5.'),
  ssh_connect_timeout: z.number().positive().describe('Seconds until a connection that is not up is given up. Default: as the configuration says, else 10.'),
  ssh_keepalive: seconds.describe('Seconds between signs of life; 0 = none. Default: ServerAliveInterval of the configuration, else 15.'),
  ssh_transport: z.enum(['ssh2', 'openssh']).describe("ssh2: chaos speaks SSH itself. openssh: the system's ssh does, for certificates, FIDO keys and GSSAPI. Default ssh2."),
  ssh_file_transfer_protocol: z.enum(['sftp', 'shell'], { error: 'must be sftp or shell (which takes the place of scp)' })
    .describe('How files travel: sftp, where the host has it, or always the shell. Default sftp.'),
  ssh_paramiko_connect_kwargs: z.never({ error: 'is not taken: there is no paramiko here. Use the ssh_ key for it, or the options of ~/.ssh/config' })
    .describe('Not taken; use the other keys, or ~/.ssh/config.'),
}).partial().refine(
  ({ ssh_connect_retry_min_delay: min, ssh_connect_retry_max_delay: max }) => min === undefined || max === undefined || min <= max,
  { path: ['ssh_connect_retry_max_delay'], error: 'must not be less than ssh_connect_retry_min_delay' },
)

export type HostData = z.output<typeof keys>
