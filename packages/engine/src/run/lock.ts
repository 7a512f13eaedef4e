import { ChaosError, sh } from '@chaos/core'
import type { Command } from '@chaos/core'

export interface LockOwner {
  readonly run: string
  /** `USER@HOSTNAME` of who applies. */
  readonly controller: string
  readonly pid: number
}

const TAKEN = 75

/**
 * One folder a machine; mkdir is the lock, the file in it says whose. A lock of another boot is nobody's, also when it was
 * this run's: the host asks itself for its boot. Several names and users of one machine in one run share it; who may not
 * write into the folder of the other holds it through that one. Whose it is, is written a moment after the folder is made.
 */
export function takeLock({ run, controller, pid }: LockOwner, host: string, folder: string): Command {
  return sh`
l=${folder} b=unknown; { IFS= read -r b < /proc/sys/kernel/random/boot_id; } 2>/dev/null
mkdir -p ${folder.slice(0, folder.lastIndexOf('/'))}
if ! mkdir "$l" 2>/dev/null; then
  [ -d "$l" ] || { mkdir "$l"; exit 1; }
  i=0 o=
  while [ $i -lt 20 ] && [ -d "$l" ]; do
    o=$(cat "$l/owner" 2>/dev/null); [ -z "$o" ] || break
    i=$((i+1)); sleep 0.1 2>/dev/null || sleep 1
  done
  case $o in
    ${`run ${run}`}*"boot $b"*) [ ! -w "$l" ] || : > "$l"/${member(host)}; exit;;
    *"boot $b"*) printf '%s\n' "$o"; exit ${TAKEN};;
    '') [ -n "$(find "$l" -prune -mmin -1 2>/dev/null)" ] && exit ${TAKEN};;
  esac
  rm -rf -- "$l" && mkdir "$l" || exit ${TAKEN}
fi
: > "$l"/${member(host)} && printf '%s\n' ${`run ${run}`} ${`controller ${controller}`} ${`pid ${pid}`} "boot $b" "since $(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$l/owner" || { rm -rf -- "$l"; exit 1; }`
}

/** Gives the lock back, if it is still this run's. */
export function releaseLock({ run }: Pick<LockOwner, 'run'>, host: string, folder: string): Command {
  return sh`
l=${folder}
if [ -f "$l/owner" ] && read -r o < "$l/owner" && [ "$o" = ${`run ${run}`} ]; then
  rm -f -- "$l"/${member(host)}
  set -- "$l"/of-*
  [ -e "$1" ] || rm -rf -- "$l"
fi`
}

/** Takes away the lock of a run that is dead; exit code 1 when its lock is not there. */
export function breakLock(run: string, folder: string): Command {
  return sh`
l=${folder}
[ -f "$l/owner" ] && read -r o < "$l/owner" && [ "$o" = ${`run ${run}`} ] && rm -rf -- "$l"`
}

function member(host: string): string {
  return `of-${host.replaceAll(/[^a-zA-Z0-9@._-]/g, '%')}`
}

/** Why the lock was not had. */
export function lockError(code: number, stdout: string, stderr: string, host: string): ChaosError {
  if (code !== TAKEN) {
    return new ChaosError('LOCK_FAILED', { message: `Cannot take the lock on ${host}: ${stderr.trim() || `exit code ${code}`}`, host, details: { stderr } })
  }
  const owner = new Map(stdout.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]))
  const run = owner.get('run')
  return new ChaosError('LOCKED', {
    message: `${host} is being changed by ${owner.get('controller') ?? 'somebody else'}${owner.has('since') ? ` since ${owner.get('since')}` : ''}${run ? ` (run ${run})` : ''}.`,
    hint: run ? `If that run is dead: chaos unlock ${run}` : 'Try again in a minute.',
    host,
    details: { run, controller: owner.get('controller'), pid: owner.get('pid') },
  })
}
