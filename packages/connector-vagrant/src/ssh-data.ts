import { ChaosError } from '@chaos/core'
import type { SshConfig } from './ssh-config.ts'

/**
 * The same as data of connector-ssh. Vagrant trusts any host key; here the first one is kept in `knownHosts` as long as the
 * machine lives, and without that file the rules of other hosts hold. Throws `VAGRANT_SSH`.
 */
export function sshData(config: SshConfig, machine: string, knownHosts: string | undefined): Record<string, unknown> {
  if (config.has('proxycommand')) {
    throw new ChaosError('VAGRANT_SSH', {
      message: `${machine} is reached by a ProxyCommand, which is taken from a configuration file of SSH alone.`,
      hint: `vagrant ssh-config > vagrant-ssh.conf, and in the fleet: "${machine}": { ssh_config_file: vagrant-ssh.conf }`,
      host: `@vagrant/${machine}`,
    })
  }
  const { hostname, user, port, identityfile: key, include } = Object.fromEntries(config)
  const unchecked = config.get('stricthostkeychecking') === 'no' && config.get('userknownhostsfile') === '/dev/null'
  return given({
    ssh_hostname: hostname,
    ssh_port: port === undefined ? undefined : Number(port),
    ssh_user: user,
    ssh_key: key,
    // A key keeps the agent out unless it is asked for.
    ssh_allow_agent: key !== undefined && config.get('identitiesonly') !== 'yes' ? true : undefined,
    ssh_forward_agent: config.get('forwardagent') === 'yes' ? true : undefined,
    ssh_config_file: include,
    ...(unchecked && knownHosts !== undefined ? { ssh_strict_host_key_checking: 'accept-new', ssh_known_hosts_file: knownHosts } : {}),
  })
}

function given(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined))
}
