import { touch } from '@chaos/core'
import type { Touch } from '@chaos/core'

/** What logging in, becoming root, and reaching the machine at all hang on. */
const PLACES: readonly string[] = [
  // ssh
  '/etc/ssh', '/etc/dropbear', '/etc/default/ssh', '/etc/default/dropbear', '/etc/sysconfig/sshd', '/etc/conf.d/sshd', '/etc/hosts.allow', '/etc/hosts.deny', '/etc/nologin',
  ...['ssh.service', 'sshd.service', 'ssh.socket', 'sshd.socket'].flatMap((unit) => [`/etc/systemd/system/${unit}`, `/etc/systemd/system/${unit}.d`]),
  // becoming somebody else
  '/etc/sudoers', '/etc/sudoers.d', '/etc/sudo.conf', '/etc/doas.conf', '/etc/doas.d',
  // who is who
  '/etc/pam.d', '/etc/pam.conf', '/etc/security', '/etc/nsswitch.conf', '/etc/shells', '/etc/sssd',
  // the network
  '/etc/network', '/etc/netplan', '/etc/systemd/network', '/etc/systemd/resolved.conf', '/etc/systemd/resolved.conf.d', '/etc/NetworkManager', '/etc/sysconfig/network-scripts',
  '/etc/sysconfig/network', '/etc/conf.d/net', '/etc/dhcpcd.conf', '/etc/wpa_supplicant', '/etc/wireguard', '/etc/resolv.conf',
  // the firewall
  '/etc/nftables.conf', '/etc/nftables.d', '/etc/sysconfig/nftables.conf', '/etc/iptables', '/etc/sysconfig/iptables', '/etc/sysconfig/ip6tables', '/etc/ufw', '/etc/firewalld',
]

/** The accounts of the machine: many operations of a run change them, one after another. */
const ACCOUNTS: readonly string[] = ['/etc/passwd', '/etc/shadow', '/etc/group', '/etc/gshadow']

/** The places that the login of a user with this home hangs on. */
export function accessPlaces(home: string, { accounts }: { accounts: boolean }): readonly Touch[] {
  const own = home.startsWith('/') && home !== '/' ? [`${home}/.ssh`] : []
  return [...PLACES, ...(accounts ? ACCOUNTS : []), ...own].map(touch.path)
}

export function isAccounts(path: string): boolean {
  return ACCOUNTS.includes(path)
}
