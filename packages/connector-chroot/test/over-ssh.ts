import type { Connection } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import ssh from '../../connector-ssh/src/index.ts'

/** Logs in to a throw-away machine. */
export async function openSsh({ host, port, key, knownHosts }: Sshd, user: string, base: Connection): Promise<Connection> {
  const settings = { ssh_hostname: host, ssh_port: port, ssh_user: user, ssh_key: key, ssh_known_hosts_file: knownHosts, ssh_config_file: '/dev/null' }
  const checked = (await ssh.data!['~standard'].validate(settings)) as { value: Record<string, unknown> }
  return ssh.open!({ host: 'machine', argument: host, data: checked.value, below: [] }, { ...pluginContext(), base })
}
