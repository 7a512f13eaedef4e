import { ChaosError, sh } from '@chaos/core'
import type { Command, Os } from '@chaos/core'

export interface LockOwner {
  readonly run: string
  /** `USER@HOSTNAME` of who applies. */
  readonly controller: string
  readonly pid: number
}

const TAKEN = 75

/**
 * One folder a machine: below /run/lock, or the state folder where that cannot be written. mkdir is the lock;
 * the file in it says whose. A lock of another boot is nobody's. Two names of one machine in one run share it.
 */
export function takeLock({ run, controller, pid }: LockOwner, host: string, os: Os, stateFolder: string): Command {
  const boot = `boot ${os.bootId ?? 'unknown'}`
  return sh`
${place(stateFolder)}
if ! mkdir "$l" 2>/dev/null; then
  [ -d "$l" ] || { mkdir "$l"; exit 1; }
  o=$(cat "$l/owner" 2>/dev/null)
  case $o in
    ${`run ${run}`}*) : > "$l"/${member(host)}; exit;;
    *${boot}*) printf '%s\n' "$o"; exit ${TAKEN};;
    '') [ -n "$(find "$l" -prune -mmin -1 2>/dev/null)" ] && exit ${TAKEN};;
  esac
  rm -rf -- "$l" && mkdir "$l" || exit ${TAKEN}
fi
: > "$l"/${member(host)} && printf '%s\n' ${`run ${run}`} ${`controller ${controller}`} ${`pid ${pid}`} ${boot} "since $(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$l/owner" || { rm -rf -- "$l"; exit 1; }`
}

/** Gives the lock back, if it is still this run's. */
export function releaseLock({ run }: Pick<LockOwner, 'run'>, host: string, stateFolder: string): Command {
  return sh`
${place(stateFolder)}
if [ -f "$l/owner" ] && read -r o < "$l/owner" && [ "$o" = ${`run ${run}`} ]; then
  rm -f -- "$l"/${member(host)}
  set -- "$l"/of-*
  [ -e "$1" ] || rm -rf -- "$l"
fi`
}

/** Takes away the lock of a run that is dead; says so with exit code 0, and 1 when no such lock is there. */
export function breakLock(run: string, stateFolder: Command): Command {
  return sh`
for l in /run/lock/chaos ${stateFolder}/lock; do
  if [ -f "$l/owner" ] && read -r o < "$l/owner" && [ "$o" = ${`run ${run}`} ]; then rm -rf -- "$l"; exit; fi
done
exit 1`
}

function place(stateFolder: string): Command {
  return sh`if [ -d /run/lock ] && [ -w /run/lock ]; then l=/run/lock/chaos; else l=${stateFolder}/lock; mkdir -p ${stateFolder}; fi`
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
