import { existsSync } from 'node:fs'
import { noSshd, startMachine } from '@chaos/testkit'
import type { Machine, MachineOptions } from '@chaos/testkit'

/** Why there can be no machine with pacman here, in a few words; undefined if there can. */
export function noPacman(): string | undefined {
  const absent = ['pacman', 'repo-add', 'bsdtar'].filter((program) => !existsSync(`/usr/bin/${program}`))
  return absent.length > 0 ? `needs ${absent.join(', ')}` : noSshd()
}

// A package is an archive with a description; makepkg would make the same of a PKGBUILD, a second for each.
const MAKE = String.raw`set -e
release=$1 repository=$2
mkdir -p "$repository"
# pacman takes a list again that is newer by whole seconds, however fast this was.
before=$(stat -Lc %Y "$repository/chaos.db" 2>/dev/null || date +%s)
package() {
  name=$1 version=$2
  shift 2
  folder=$(mktemp -d)
  mkdir -p "$folder/usr/share/$name"
  echo "$version" >"$folder/usr/share/$name/version"
  { printf 'pkgname = %s\npkgbase = %s\npkgver = %s\npkgdesc = a test\narch = any\nsize = 10\n' "$name" "$name" "$version"; for field; do echo "$field"; done; } >"$folder/.PKGINFO"
  bsdtar -C "$folder" -czf "$repository/$name-$version-any.pkg.tar.gz" .PKGINFO usr
  rm -r "$folder"
}
rm -f "$repository"/*
package app "$release-1" 'depend = libapp'
package libapp "$release-1" 'depend = libbase'
package libbase 1.0-1
package extra 1.0-1
package kept "$release-1"
package mail-a 1-1 'provides = smtp-server' 'conflict = smtp-server'
package mail-b 1-1 'provides = smtp-server' 'conflict = smtp-server'
package mailer 1-1 'depend = smtp-server'
package tool-a 1-1 'group = tools'
package tool-b 1-1 'group = tools'
package openssh 9.0-1
package foreign 1.0-1
repo-add -q "$repository/chaos.db.tar.gz" "$repository"/*-any.pkg.tar.gz
repo-remove -q "$repository/chaos.db.tar.gz" foreign
touch -d "@$((before + 2))" "$repository"/chaos.db*`

const CONFIG = `[options]
HoldPkg = held-*
IgnorePkg = kep?
Architecture = auto
SigLevel = Never
[chaos]
Server = file:///srv/repository
`

/** A throw-away machine that is an Arch Linux as far as anybody can see: pacman with a repository of tiny packages, and no apt. */
export interface Arch extends Machine {
  /** Packages app, libapp and kept of this version are in the repository from now on. */
  release(version: string): Promise<void>
  /** What is installed: `app 1.0-1`. */
  installed(): Promise<string[]>
}

export async function startArch(options: MachineOptions = {}): Promise<Arch> {
  const machine = await startMachine(options)
  const release = async (version: string) => void (await machine.run(`set -- ${version} /srv/repository\n${MAKE}`))
  try {
    await machine.run(`printf 'NAME="Arch Linux"\\nPRETTY_NAME="Arch Linux"\\nID=arch\\n' >/etc/os-release.arch
rm -f /etc/os-release /usr/bin/apt-get
mv /etc/os-release.arch /etc/os-release
rm -rf /var/lib/pacman /var/cache/pacman
mkdir -p /var/lib/pacman /var/cache/pacman/pkg
cat >/etc/pacman.conf <<'EOF'
${CONFIG}EOF`)
    await release('1.0')
  } catch (error) {
    await machine.close()
    throw error
  }
  return {
    ...machine,
    release,
    installed: async () => (await machine.run('pacman -Q || :')).split('\n').filter((line) => line !== ''),
  }
}
