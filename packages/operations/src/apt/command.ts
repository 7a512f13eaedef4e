import { script, sh } from '@chaos/core'
import type { Command } from '@chaos/core'

/** Seconds for which a lock that another process holds is waited for. */
const LOCK_WAIT = 600

/** What keeps a question from leaving anything behind: the caches are made in memory alone. */
export const LOOKING: readonly string[] = ['-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache=']

/** A name is a name: older versions of apt take what they do not know for a regular expression. */
const EXACT: readonly string[] = ['-o', 'APT::Cmd::Pattern-Only=true']

/** Nobody is there to answer: configuration files that somebody changed stay as they are. */
const CONFIGURATION = ['--force-confdef', '--force-confold']
const UNATTENDED: readonly string[] = [
  '-y', '-q', '-o', 'Dpkg::Use-Pty=0', '-o', `DPkg::Lock::Timeout=${LOCK_WAIT}`, ...CONFIGURATION.flatMap((option) => ['-o', `Dpkg::Options::=${option}`]),
]

/**
 * Waits for locks itself: apt does so for that of dpkg alone, not for those of the index and the archives, and dpkg for none.
 * What it tries again had done nothing yet.
 */
const WAITING = script(`export LC_ALL=C DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none
chaos_locked() {
  w=$(($(date +%s) + ${LOCK_WAIT}))
  while :; do
    { e=$("$@" 2>&1 >&3 3>&-); } 3>&1
    c=$?
    case $c:$e in
    0:*) ;;
    *'E: Could not get lock '*|*'E: Unable to acquire the dpkg frontend lock'*|*'E: Unable to lock '*|*'lock was locked by another process'*|*' is locked by another process'*)
      [ "$(date +%s)" -ge "$w" ] || { sleep 1; continue; };;
    esac
    [ -z "$e" ] || printf '%s\\n' "$e" >&2
    return $c
  done
}`)

/** Changes packages: `apt-get install -- …`. */
export function aptGet(verb: string, options: readonly string[], words: readonly string[] = []): Command {
  return sh`${WAITING}
chaos_locked apt-get ${UNATTENDED} ${EXACT} ${options} ${verb} -- ${words}`
}

/** Says what the same would do, and does nothing. */
export function aptSimulate(verb: string, options: readonly string[], words: readonly string[] = []): Command {
  return sh`LC_ALL=C apt-get -s -y -q ${LOOKING} ${EXACT} ${options} ${verb} -- ${words}`
}

/** The same, but only if nothing else goes than what may: what was planned still holds. */
export function aptGetWithin(allowed: readonly string[], verb: string, options: readonly string[], words: readonly string[] = []): Command {
  if (allowed.length === 0) return aptGet(verb, ['--no-remove', ...options], words)
  return sh`g=$(${aptSimulate(verb, options, words)}) || exit
for p in $(printf '%s\n' "$g" | sed -n -e 's/^Remv \([^ ]*\).*/\1/p' -e 's/^Purg \([^ ]*\).*/\1/p'); do
case ${` ${allowed.join(' ')} `} in *" $p "*) ;; *) echo "$p would be removed too, which was not in the plan" >&2; exit 1;; esac
done
${aptGet(verb, options, words)}`
}

/** The mark that tools of Debian and Ubuntu take for when the index was refreshed last; apt itself leaves none. */
export const REFRESHED = '/var/lib/apt/periodic/update-success-stamp'

/** Refreshes the index; a repository that does not answer is an error. */
export const refreshIndex: Command = sh`${aptGet('update', ['-o', 'APT::Update::Error-Mode=any'])} && mkdir -p /var/lib/apt/periodic && touch ${REFRESHED}`

/** Finishes what an installation that was cut off has left. */
export const mend: Command = sh`${WAITING}
chaos_locked dpkg ${CONFIGURATION} --configure -a`

/** Takes away the configuration that removed packages left. */
export function purgeConfiguration(names: readonly string[]): Command {
  return sh`${WAITING}
chaos_locked dpkg --purge -- ${names}`
}

export function markManual(names: readonly string[]): Command {
  return sh`${WAITING}
chaos_locked apt-mark manual -- ${names}`
}
