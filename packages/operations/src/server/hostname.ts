import { defineOperation, sh, touch } from '@chaos/core'
import type { Change, Command, Diff, Host, Step } from '@chaos/core'
import { z } from 'zod'
import { hostName } from '../facts/host-name.ts'
import type { HostName } from '../facts/host-name.ts'
import { renamedHosts } from './hostname/hosts-line.ts'

const schema = z.strictObject({
  name: z
    .string()
    .max(64, 'a host name has at most 64 characters')
    .regex(/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/, 'this is no host name: it holds letters, digits and -, in parts with dots between them, and begins and ends with a letter or digit')
    .refine((name) => !/^[\d.]+$/.test(name), 'a host name of digits alone would be taken for an address')
    .describe('What the machine is called.'),
})
type Args = z.output<typeof schema>

/** The name of the machine. */
export const hostname = defineOperation({
  name: 'server.hostname',
  about: 'Ensures what a machine is called: now, after the next boot (/etc/hostname), and on the line 127.0.1.1 of /etc/hosts, where Debian has one.',
  args: schema,
  example: { name: 'web-1' },
  diff,
  touches: () => [touch.named('hostname'), touch.entry('/etc/hostname'), touch.entry('/etc/hosts')],
})

async function diff({ name }: Args, host: Host): Promise<Diff> {
  const have = await host.fact(hostName())
  return [...hostsChange(name, have), ...diskChange(name, have), ...liveChange(name, have)]
}

/** First: once the machine has its new name, nobody knows any more which words of the line were the old one. */
function hostsChange(name: string, have: HostName): Change[] {
  const { live, disk, hosts } = have
  const after = renamedHosts(hosts, [live, disk ?? live].filter((old) => old !== name && old !== ''), name)
  return after === hosts ? [] : [{ summary: 'name in /etc/hosts', before: hosts, after, do: [write('/etc/hosts', after, have)] }]
}

function diskChange(name: string, have: HostName): Change[] {
  if (have.disk === name) return []
  return [{ summary: `/etc/hostname ${have.disk ?? '(not there)'} → ${name}`, before: have.disk, after: name, do: [write('/etc/hostname', `${name}\n`, have)] }]
}

function liveChange(name: string, { live, hostnamectl }: HostName): Change[] {
  return live === name ? [] : [{ summary: `name ${live} → ${name}`, before: live, after: name, do: [{ run: rename(name, hostnamectl) }] }]
}

/** hostnamectl tells the other programs of systemd; in many a container it cannot, and the kernel is asked itself. */
function rename(name: string, hostnamectl: boolean): Command {
  const kernel = sh`hostname ${name} 2>/dev/null || printf '%s\n' ${name} >/proc/sys/kernel/hostname`
  return hostnamectl ? sh`{ hostnamectl set-hostname ${name} >/dev/null 2>&1 && [ "$(uname -n)" = ${name} ]; } || { ${kernel}; }` : kernel
}

/** What a container has mounted there cannot be replaced. */
function write(path: string, text: string, { mounted }: HostName): Step {
  return mounted.includes(path) ? { run: sh`cat >${path}`, stdin: text } : { write: { path, content: text } }
}
