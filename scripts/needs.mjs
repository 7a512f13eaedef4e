// Programs that some tests need beyond Node. Tests skip, and say so, where one is missing.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { run } from './program.mjs'
import { line } from './step.mjs'

/** By Debian package: the program it brings, and what is tested with it. */
export const NEEDS = [
  { apt: 'bash', program: 'bash', for: 'the session on bash' },
  { apt: 'dash', program: 'dash', for: 'the session on dash' },
  { apt: 'busybox-static', program: 'busybox', for: 'the session on busybox ash, container images without a registry' },
  { apt: 'mksh', program: 'mksh', for: 'the session on mksh' },
  { apt: 'sudo', program: 'sudo', for: 'elevation through sudo' },
  { apt: 'opendoas', program: 'doas', for: 'elevation through doas' },
  { apt: 'bsdutils', program: 'script', for: 'terminals of connectors' },
  { apt: 'util-linux', program: 'unshare', for: 'tests that overlay /etc' },
  { apt: 'curl', program: 'curl', for: 'files.download' },
  { apt: 'fish', program: 'fish', for: 'a login shell that is no sh' },
  { apt: 'tcsh', program: 'tcsh', for: 'login shells of the csh kind' },
  { apt: 'zsh', program: 'zsh', for: 'a login shell that is nearly an sh' },
  { apt: 'openssh-server', program: 'sshd', for: 'throw-away machines to log in to' },
  { apt: 'openssh-client', program: 'ssh', for: 'what a user of OpenSSH gets, and keys' },
  { apt: 'iproute2', program: 'ip', for: 'throw-away machines with a network of their own' },
  { apt: 'passwd', program: 'useradd', for: 'users of throw-away machines' },
  { apt: 'procps', program: 'ps', for: 'what still runs on throw-away machines' },
  { apt: 'docker.io', program: 'dockerd', for: 'containers of a Docker engine' },
  { apt: 'podman', program: 'podman', for: 'containers of podman' },
  { apt: 'runc', program: 'runc', for: 'containers of podman where control groups are of the first kind, which crun refuses' },
  { apt: 'uidmap', program: 'newuidmap', for: 'containers of podman without root' },
  { apt: 'vagrant', program: 'vagrant', for: 'machines of Vagrant' },
  { apt: 'lxc', program: 'lxc-attach', for: 'LXC containers' },
  { apt: 'mmdebstrap', program: 'mmdebstrap', for: 'containers of Debian, with systemd or bare' },
  { apt: 'ansible', program: 'ansible-playbook', for: "the same machine by chaos and by Ansible's modules" },
  { apt: 'git', program: 'git', for: 'working copies' },
  { apt: 'pacman-package-manager', program: 'pacman', for: 'packages of Arch Linux, from a repository that the tests make' },
  { apt: 'libarchive-tools', program: 'bsdtar', for: 'the packages of that repository' },
  { apt: 'age', program: 'age', for: 'secrets that age reads and writes' },
  { apt: 'gnupg', program: 'gpg', for: 'secrets for PGP keys' },
  { apt: 'pass', program: 'pass', for: 'secrets of pass' },
  { apt: 'gopass', program: 'gopass', for: 'secrets of what Debian calls gopass' },
  { apt: 'gnome-keyring', program: 'gnome-keyring-daemon', for: 'secrets of a keyring' },
  { apt: 'dbus', program: 'dbus-daemon', for: 'the bus of that keyring' },
  { apt: 'libsecret-tools', program: 'secret-tool', for: 'that keyring by another program' },
]

/** Installs what is missing, where that is our place: on Debian as root, in CI or when nobody is there to ask. */
export async function prepare() {
  const missing = NEEDS.filter(({ program }) => !onPath(program))
  if (missing.length === 0) return line('✓  every program the tests need is here')
  const packages = missing.map(({ apt }) => apt)
  const by = `apt-get install ${packages.join(' ')}`
  const width = Math.max(...missing.map(({ program }) => program.length))
  line('·  some tests need programs that are not here:')
  for (const { program, for: use } of missing) line(`     ${program.padEnd(width)}  ${use}`)
  if (!isDebian()) return line('·  tests that need them are skipped')
  if (process.getuid?.() !== 0) return line(`·  tests that need them are skipped. As root: ${by}`)
  const askable = !process.env.CI && process.stdin.isTTY
  if (askable && !(await agreed(`     Run "${by}" now? [y/N] `))) return line('·  not installed; tests that need them are skipped')
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['-qq', 'update'], { env })
  const { code, output } = await run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...packages], { env })
  if (code === 0) line(`✓  installed ${packages.join(', ')}`)
  else line(`·  "${by}" failed; tests that need them are skipped:\n${output.trimEnd().replace(/^/gm, '    ')}`)
}

function onPath(program) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  return folders.some((folder) => folder !== '' && existsSync(path.join(folder, program)))
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

async function agreed(question) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  // Ctrl-C at the question ends all of it, as it does anywhere else.
  terminal.once('SIGINT', () => {
    console.log()
    process.exit(130)
  })
  // Ctrl-D is no answer, and no answer is no.
  const answer = await Promise.race([terminal.question(question), once(terminal, 'close').then(() => '\n')])
  if (answer === '\n') console.log()
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}
