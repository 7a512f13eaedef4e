import { defineFact, script, touch } from '@chaos/core'
import { readerOf } from './probe.ts'

/** What a machine is called, live and after the next boot. */
export interface HostName {
  /** What the kernel says. */
  readonly live: string
  /** What /etc/hostname says; `null` = there is no such file. */
  readonly disk: string | null
  /** /etc/hosts; '' where there is none. */
  readonly hosts: string
  /** Of /etc/hostname and /etc/hosts: those that a container has mounted there, which cannot be replaced, only written into. */
  readonly mounted: readonly string[]
  /** systemd runs, and its hostnamectl is there. */
  readonly hostnamectl: boolean
}

const LOOK = script(`LC_ALL=C; export LC_ALL
uname -n && printf '\\0' || exit
if [ -f /etc/hostname ]; then printf 1; cat /etc/hostname || exit; fi; printf '\\0'
if [ -f /etc/hosts ]; then cat /etc/hosts || exit; fi; printf '\\0'
if [ -r /proc/self/mountinfo ]; then while read -r a b c d m rest; do case $m in /etc/hostname|/etc/hosts) echo "$m";; esac; done </proc/self/mountinfo; fi; printf '\\0'
if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null 2>&1; then printf 1; fi; printf '\\0'`)

/** The name of the machine. */
export const hostName = defineFact({
  name: 'server.hostName',
  about: 'The name of the machine: live, in /etc/hostname, and in /etc/hosts.',
  command: () => LOOK,
  parse: (_, { bytes }): HostName => {
    const reader = readerOf(bytes)
    const text = () => new TextDecoder().decode(reader.nul())
    const [live, disk, hosts, mounted, hostnamectl] = [text(), text(), text(), text(), text()]
    return {
      live: live.trim(),
      disk: disk === '' ? null : firstName(disk.slice(1)),
      hosts,
      mounted: mounted.split('\n').filter((path) => path !== ''),
      hostnamectl: hostnamectl === '1',
    }
  },
  reads: () => [touch.named('hostname'), touch.entry('/etc/hostname'), touch.entry('/etc/hosts')],
})

/** Comments may stand before it. */
function firstName(text: string): string {
  return text.split('\n').map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#')) ?? ''
}
