import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { IN_MEMORY } from './in-memory.ts'
import { output } from './layer.ts'
import { PATH, find } from './missing.ts'
import { RUN } from './run-folder.ts'

/** The environment variable with the folder where archives are kept for other tests of the same run. */
const KEPT = 'CHAOS_TEST_TARGETS'
const RELEASE = 'bookworm'
const PROGRAMS = ['mmdebstrap', 'flock', 'unshare', 'apt-get', 'apt-config']

// Who comes second waits, and finds it made. What was not made whole never has the name. What is mounted goes with the mounts it was made in.
const MAKE = `archive=$1; shift
[ ! -e "$archive" ] || exit 0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export TMPDIR="$scratch"
make() { unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh -ec "$@"; }
# A mirror may fail once.
make "$@" || { rm -rf "$archive.new" "$scratch"/*; make "$@"; }
mv "$archive.new" "$archive"`

const FIRST = `${IN_MEMORY}
in_memory "$TMPDIR"
new=$1; release=$2; mirror=$3; shift 3
exec mmdebstrap --quiet --mode=root --variant=apt --format=tar "$@" "$release" "$new" "$mirror"`

// Nobody reads them, and they are half of what an update of apt's index takes.
const NO_TRANSLATIONS = `--aptopt=Acquire::Languages "none";`

// systemd starts all generators at each daemon-reload, which is at most changes of units: most of them have nothing to generate in a container.
const GENERATORS = ['cryptsetup', 'debug', 'fstab', 'getty', 'gpt-auto', 'hibernate-resume', 'integritysetup', 'rc-local', 'run', 'system-update', 'veritysetup']
const MASKED = '/etc/systemd/system-generators'

// Installing into a copy of another archive takes a third of the time of a new one. Left as mmdebstrap leaves one: no index, no cache.
const FURTHER = `${IN_MEMORY}
new=$1; base=$2; shift 2
root=$TMPDIR/root
unset TMPDIR
in_memory "$root"
tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' -xpf "$base"
mount -t proc proc "$root/proc"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cat /etc/resolv.conf >"$root/etc/resolv.conf"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
chroot "$root" apt-get -qq update
chroot "$root" apt-get -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install "$@" >&2
chroot "$root" apt-get clean
if [ -d "$root/lib/systemd/system-generators" ] && [ ! -d "$root${MASKED}" ]
then
  mkdir "$root${MASKED}"
  for name in ${GENERATORS.join(' ')}; do ln -s /dev/null "$root${MASKED}/systemd-$name-generator"; done
fi
rm -r "$root/usr/sbin/policy-rc.d" "$root"/var/lib/apt/lists/*
: >"$root/etc/resolv.conf"
tar -C "$root" --numeric-owner --xattrs --xattrs-include='*' --one-file-system -cf "$new" .`

/** Why no archive of Debian can be made here; undefined if it can. */
export function noDebianArchive(): string | undefined {
  const absent = PROGRAMS.filter((program) => find(program) === undefined)
  if (absent.length > 0) return `needs ${absent.join(', ')}`
  return mirrorAnswers() ? undefined : "cannot reach Debian's mirror"
}

/** Asked once in a test run, if it answers: that takes a second, and every test file wants to know. */
function mirrorAnswers(): boolean {
  const run = process.env[RUN]
  const note = run === undefined ? undefined : path.join(run, 'mirror')
  if (note !== undefined && existsSync(note)) return true
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-mirror-'))
  try {
    // apt's own helper goes the way that apt goes, through a proxy if there is one.
    const tried = spawnSync(
      '/usr/lib/apt/apt-helper',
      ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::http::Timeout=10', '-o', 'Acquire::Retries=0', 'download-file', `${mirror()}/dists/${RELEASE}/Release.gpg`, path.join(folder, 'signature')],
      { env: { ...proxyVariables(), PATH } },
    )
    const answers = tried.status === 0
    if (answers && run !== undefined && note !== undefined && existsSync(run)) writeFileSync(note, '')
    return answers
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * Calls with an archive of Debian 12 that has these packages besides apt and what is essential. Every layer of packages is made once in
 * a test run, out of the one below it: the first who wants it waits 10 to 60 seconds.
 */
export async function withDebianArchive<T>(layers: readonly (readonly string[])[], use: (archive: string) => Promise<T>): Promise<T> {
  const kept = process.env[KEPT]
  const folder = kept ?? (await mkdtemp(path.join(tmpdir(), 'chaos-debian-')))
  try {
    return await use(await archiveOf(layers, folder))
  } finally {
    if (kept === undefined) await rm(folder, { recursive: true, force: true })
  }
}

/** What tells the archive of these packages from others. */
export function archiveName(layers: readonly (readonly string[])[]): string {
  return createHash('sha256').update(layers.map((each) => each.toSorted().join()).join(';')).digest('hex').slice(0, 16)
}

async function archiveOf(layers: readonly (readonly string[])[], folder: string): Promise<string> {
  const [packages = [], ...below] = layers.toReversed()
  const archive = path.join(folder, `${archiveName(layers)}.tar`)
  if (existsSync(archive)) return archive
  const how = below.length === 0
    ? [FIRST, 'sh', `${archive}.new`, RELEASE, mirror(), ...packages.map((each) => `--include=${each}`), NO_TRANSLATIONS, ...aptProxies()]
    : [FURTHER, 'sh', `${archive}.new`, await archiveOf(below.toReversed(), folder), ...packages]
  await output([find('flock') as string, `${archive}.lock`, 'sh', '-ec', MAKE, 'sh', archive, ...how], '', { ...proxyVariables(), TMPDIR: folder })
  return archive
}

/** Where this machine has its own packages from, if it is a Debian. */
function mirror(): string {
  const told = apt('apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', 'Origin: Debian', 'Label: Debian')
  return (told.split('\n')[0] || 'http://deb.debian.org/debian').replace(/\/$/, '')
}

/** apt's proxies, which are the containers' too: they are on this machine's network. */
function aptProxies(): string[] {
  const told = apt('apt-config', 'dump', '--format', '%f "%v";%n', 'Acquire::http::Proxy', 'Acquire::https::Proxy')
  return told.split('\n').filter((line) => /^Acquire::https?::Proxy ".+";$/.test(line)).map((line) => `--aptopt=${line}`)
}

function proxyVariables(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => /^(?:https?|no)_proxy$/i.test(entry[0])))
}

function apt(program: string, ...args: readonly string[]): string {
  return execFileSync(find(program) as string, args, { env: { PATH }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}
