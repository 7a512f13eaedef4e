import { ChaosError } from '@chaos/core'
import type { Os, Removal } from '@chaos/core'

/** Why a thing is never removed, or undefined. */
export type Protects = (kind: string, name: string) => string | undefined

/** Names of packages of the usual distributions, by what they are. */
const PACKAGES: readonly (readonly [RegExp, string])[] = [
  [/^(openssh|openssh-server|openssh-sftp-server|dropbear(-bin|-run)?|tinyssh|ssh)$/, 'machines are reached through it'],
  [/^(systemd|systemd-sysv|systemd-udevd?|udev|eudev|elogind|sysvinit-core|sysvinit|openrc|runit|runit-init|s6|dbus|dbus-broker|init|init-system-helpers)$/, 'it is the init system'],
  [/^(linux|linux-(image|modules|modules-extra|kernel|lts|zen|hardened|virtual|generic|virt|firmware|base|rpi|raspi|cloud)(-.+)?|kernel(-(core|default|modules|modules-core|uek))?|raspi-firmware|grub(-.+)?|grub2(-.+)?|shim(-.+)?|refind|initramfs-tools(-core)?|dracut(-core)?|mkinitcpio)$/, 'the machine boots with it'],
  [/^(network-?manager|NetworkManager|ifupdown2?|netplan\.io|systemd-(networkd|resolved)|isc-dhcp-client|dhcpcd(5|-base)?|iproute2?|iputils|iwd|wpa_?supplicant|netbase|connman|netctl|wicked)$/, 'the network needs it'],
  [/^(apt|dpkg|pacman|dnf5?|yum|rpm|zypper|libzypp|apk-tools|xbps|portage|opkg|[a-z]+-(archive-)?keyring|ca-certificates)$/, 'packages come through it'],
  [/^(libc6|libc-bin|glibc|musl|bash|dash|busybox|coreutils|util-linux|login|passwd|shadow|pam|libpam-(modules|runtime)|base|base-files|base-passwd|filesystem|sudo|sudo-rs|opendoas|doas)$/, 'nothing can be managed there without it'],
]

const SERVICES: readonly (readonly [RegExp, string])[] = [
  [/^(sshd?|dropbear|tinysshd?)(@.*)?$/, 'machines are reached through it'],
  [/^(network|networking|NetworkManager.*|systemd-(networkd|resolved|network-generator).*|dhcpcd(@.*)?|wpa_supplicant(@.*)?|iwd|connman|wicked.*|netctl.*|cloud-init.*)$/, 'the network needs it'],
  [/^(systemd-.*|init|dbus(-broker)?|polkit|elogind|udev|eudev|(serial-|container-|console-)?getty(@.*)?|user@.*|user-runtime-dir@.*|emergency|rescue|kmod.*|cgroups|localmount|devfs|sysfs|procfs|bootmisc)$/, 'it belongs to the init system'],
]

const FOLDERS = /^\/(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)?$/
const BELOW = /^\/(usr\/(s?bin|lib|lib64|local|share)|var\/(lib|log|cache|spool|lib\/(dpkg|pacman|rpm|apt))|etc\/(ssh|pam\.d|apt|systemd|network|netplan|NetworkManager|ssl))$/
const FILES = /^\/etc\/(passwd|shadow|group|gshadow|sudoers|fstab|nsswitch\.conf|ssh\/(sshd_config|ssh_host_[a-z0-9]+_key))$/

/** What a host keeps whatever a Ch-obolo says: what we come in by, and what the machine stands on. */
export function protectedOf({ user, groups, home }: Os, invoker: string | undefined): Protects {
  const mine = [user, ...(invoker === undefined ? [] : [invoker])]
  return (kind, name) => {
    switch (kind) {
      case 'user':
        if (mine.includes(name)) return 'it is who is connected'
        return name === 'root' || name === 'toor' ? 'it is root' : undefined
      case 'group':
        if (['root', 'sudo', 'wheel', 'admin'].includes(name)) return 'administrators are in it'
        return groups.includes(name) ? 'who is connected is in it' : undefined
      case 'package':
        return match(PACKAGES, name)
      case 'service':
        return match(SERVICES, name.replace(/\.(service|socket|target|timer)$/, ''))
      case 'path':
        return protectedPath(name, home)
      default:
        return undefined
    }
  }
}

function match(table: readonly (readonly [RegExp, string])[], name: string): string | undefined {
  return table.find(([names]) => names.test(name))?.[1]
}

function protectedPath(written: string, home: string): string | undefined {
  const path = `/${written.split('/').filter((part) => part !== '' && part !== '.').join('/')}`
  if (FOLDERS.test(path) || BELOW.test(path)) return 'the system lies in it'
  if (FILES.test(path)) return 'logins and the system need it'
  return home !== '/' && (path === home || path === `${home}/.ssh`) ? 'it is the home of who is connected' : undefined
}

/** Refuses a difference that would take away what is protected. */
export function refuseProtected(removals: readonly Removal[], protects: Protects, host: string): void {
  for (const { kind, name } of removals) {
    const why = protects(kind, name)
    if (why === undefined) continue
    throw new ChaosError('PROTECTED', {
      message: `The ${kind} ${name} is never removed on ${host}: ${why}.`,
      hint: 'Take it out of what is to be absent; if it must really go, remove it by hand.',
      host,
      details: { kind, name },
    })
  }
}
