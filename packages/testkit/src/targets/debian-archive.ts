import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { output } from './layer.ts'
import { PATH, find } from './missing.ts'

/** The environment variable with the folder where archives are kept for other tests of the same run. */
const KEPT = 'CHAOS_TEST_TARGETS'
const RELEASE = 'bookworm'
const PROGRAMS = ['mmdebstrap', 'flock', 'unshare', 'apt-get', 'apt-config']

// Who comes second waits, and finds it made. What was not made whole never has the name. What mmdebstrap mounts goes with its own mounts.
const MAKE = `archive=$1; release=$2; mirror=$3; shift 3
[ ! -e "$archive" ] || exit 0
unshare --mount --propagation private --pid --fork --kill-child --mount-proc \\
  mmdebstrap --quiet --mode=root --variant=apt --format=tar "$@" "$release" "$archive.new" "$mirror" && mv "$archive.new" "$archive"`

/** Why no archive of Debian can be made here; undefined if it can. */
export function noDebianArchive(): string | undefined {
  const absent = PROGRAMS.filter((program) => find(program) === undefined)
  if (absent.length > 0) return `needs ${absent.join(', ')}`
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-mirror-'))
  try {
    // apt's own helper goes the way that apt goes, through a proxy if there is one.
    const tried = spawnSync(
      '/usr/lib/apt/apt-helper',
      ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::http::Timeout=10', '-o', 'Acquire::Retries=0', 'download-file', `${mirror()}/dists/${RELEASE}/Release.gpg`, path.join(folder, 'signature')],
      { env: { ...proxyVariables(), PATH } },
    )
    return tried.status === 0 ? undefined : "cannot reach Debian's mirror"
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * Calls with an archive of Debian 12 that has these packages besides apt and what is essential. It is made once in a test run: the first
 * who wants it waits 10 to 60 seconds.
 */
export async function withDebianArchive<T>(packages: readonly string[], use: (archive: string) => Promise<T>): Promise<T> {
  const kept = process.env[KEPT]
  const folder = kept ?? (await mkdtemp(path.join(tmpdir(), 'chaos-debian-')))
  try {
    const name = createHash('sha256').update(packages.toSorted().join()).digest('hex').slice(0, 16)
    const archive = path.join(folder, `${name}.tar`)
    const include = packages.map((each) => `--include=${each}`)
    const make = ['sh', '-ec', MAKE, 'sh', archive, RELEASE, mirror(), ...include, ...aptProxies()]
    await output([find('flock') as string, `${archive}.lock`, ...make], '', { ...proxyVariables(), TMPDIR: folder })
    return await use(archive)
  } finally {
    if (kept === undefined) await rm(folder, { recursive: true, force: true })
  }
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
