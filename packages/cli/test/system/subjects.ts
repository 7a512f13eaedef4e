import type { Debian } from '@chaos/testkit'

/** What a machine is like, as far as our roles manage it; by subject, a script that prints it. */
const SUBJECTS: Readonly<Record<string, string>> = {
  users: 'getent passwd | sort',
  groups: 'getent group | sort',
  // Without the day of the last change, which may be another at midnight.
  passwords: 'getent shadow | cut -d: -f1,2,4- | sort',
  homes: "find /home -printf '%P %y %m %u %g\\n' | sort",
  keys: 'cat /home/*/.ssh/authorized_keys 2>/dev/null || :',
  sudoers: "visudo -cq; find /etc/sudoers.d -printf '%P %m %u %g\\n' | sort; cat /etc/sudoers.d/[!R]* 2>/dev/null || :",
  packages: "dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\\n'",
  marks: 'apt-mark showmanual',
  units: "systemctl list-unit-files --no-legend --type=service | awk '{ print $1, $2 }' | sort; systemctl list-units --no-legend --plain --type=service --state=active | grep -v -e user@ -e user-runtime-dir@ -e systemd-hostnamed | awk '{ print $1, $4 }'",
  links: "find /etc/systemd/system -printf '%P %y %m %l\\n' | sort",
  hostname: 'cat /etc/hostname; hostname',
  leftovers: 'ls -A /root /tmp /var/tmp | grep -v ^systemd-private-; ls /etc/apt/sources.list.d',
}

/** Looks at all of it, by other ways than ours. */
export async function look(machine: Debian): Promise<Record<string, string[]>> {
  const marked = Object.entries(SUBJECTS).map(([subject, script]) => `echo '== ${subject}'\n${script}`)
  const sections = (await machine.run(`set -e\n${marked.join('\n')}`)).split(/^== /m).slice(1)
  return Object.fromEntries(sections.map((section) => section.split('\n')).map(([subject, ...lines]) => [subject, lines.slice(0, -1)]))
}

/** Lines that only one of two looks has, by subject: `- ` in front of what only the first has, `+ ` of the second. */
export function difference(one: Readonly<Record<string, readonly string[]>>, other: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const found = Object.entries(one).map(([subject, lines]): [string, string[]] => {
    const others = other[subject] ?? []
    return [subject, [...lines.filter((line) => !others.includes(line)).map((line) => `- ${line}`), ...others.filter((line) => !lines.includes(line)).map((line) => `+ ${line}`)]]
  })
  return Object.fromEntries(found.filter(([, lines]) => lines.length > 0))
}
