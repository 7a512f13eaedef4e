import type { MachineOptions, MachineUser } from './contract.ts'
import type { Layer } from './layer.ts'
import { PATH } from './missing.ts'

const DEFAULTS = `Defaults env_reset
Defaults secure_path="${PATH}"
Defaults logfile=/var/log/sudo.log
root ALL=(ALL:ALL) ALL
`

// No password is no password: `!` would lock the account, and keys with it where sshd goes without PAM.
const USER = 'useradd --create-home --shell "$2" --password "*" -- "$1"'
const FILE = `set -e
cd "$(getent passwd "$1" | cut -d: -f6)"
case $2 in */*) mkdir -p -m 700 "\${2%/*}"; chown -R "$1:" "\${2%%/*}" ;; esac
cat >"$2"
chown "$1:" "$2"`

/** Makes users, their passwords and files, and who may become whom. */
export async function makeAccounts(layer: Layer, options: MachineOptions): Promise<void> {
  const users = Object.entries(options.users ?? {})
  for (const [name, user] of users) await layer.run(USER, { args: [name, user.shell ?? '/bin/sh'] })
  await layer.run('usermod --password "*" root')
  const passwords = users.map(([name, user]): readonly [string, string | undefined] => [name, user.password])
  const lines = [['root', options.rootPassword] as const, ...passwords].flatMap(([name, password]) =>
    password === undefined ? [] : [`${name}:${password}\n`],
  )
  // Through its input: arguments can be read by everyone.
  if (lines.length > 0) await layer.run('chpasswd', { input: lines.join('') })
  for (const [name, user] of users) await writeFiles(layer, name, user)
  await layer.run('umask 337; rm -f /etc/sudoers; cat >/etc/sudoers', { input: DEFAULTS + (options.sudoers ?? '') })
  await layer.run('umask 377; rm -f /etc/doas.conf; cat >/etc/doas.conf', { input: options.doas ?? '' })
}

async function writeFiles(layer: Layer, name: string, user: MachineUser): Promise<void> {
  for (const [file, text] of Object.entries(user.files ?? {})) await layer.run(FILE, { args: [name, file], input: text })
}
