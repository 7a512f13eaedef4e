import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { END } from '../src/process/end.ts'

const shells = [['dash'], ['bash'], ['busybox', 'sh'], ['mksh']] as const
const has = (program: string, ...args: readonly string[]): boolean => spawnSync(program, [...args, '-c', ':']).status === 0

/** Processes of this machine, zombies excepted, that carry this mark in their arguments. */
function marked(mark: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '') && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(mark)
    } catch {
      return false
    }
  })
}

/** Where numbers of processes are counted anew, and the next one can be chosen. */
const NUMBERS = ['--pid', '--fork', '--kill-child', '--mount-proc']
const noNumbers = spawnSync('unshare', [...NUMBERS, 'sh', '-c', 'echo 9 >/proc/sys/kernel/ns_last_pid'], { stdio: 'ignore' }).status === 0 ? undefined : 'needs root, and the choice of the next pid'

/** The child of a stubborn leader ends at TERM; a stranger gets its number before KILL. Prints whether the stranger lives. */
const REUSED = `folder=$1 end=$2
mkfifo "$folder/never"
setsid sh -c 'sleep 1000 & echo $! >"$1/child"; trap "" TERM; wait; read line <>"$1/never"' sh "$folder" & leader=$!
until [ -s "$folder/child" ]; do :; done
read -r child <"$folder/child"
(
  while [ -e "/proc/$child" ]; do :; done
  stranger=
  until [ "$stranger" = "$child" ]; do
    [ -z "$stranger" ] || kill $stranger
    echo $((child - 1)) >/proc/sys/kernel/ns_last_pid
    setsid sleep 500 & stranger=$!
  done
  : >"$folder/reused"
) &
sh -c "sleep() { until [ -e '$folder/reused' ]; do :; done; command sleep 0.1; }
$end" sh $leader
echo "code $?"
[ -e "/proc/$child" ] && kill $child && echo lives`

describe.skipIf(process.platform !== 'linux')('ending what was started', () => {
  for (const [program, ...args] of shells) it.skipIf(!has(program, ...args))(`leaves nothing of it, and ends nothing else, with ${program} (needs ${program})`, async () => {
    const mark = `mark${process.pid}${program}`
    const stubborn = `trap '' TERM HUP; (sh -c 'while :; do sleep 1; done; : ${mark}'; :) & (setsid sh -c 'sleep 100; : ${mark}' & wait) & echo ready; while :; do sleep 1; done; : ${mark}`
    const [leader, other] = [stubborn, `echo ready; sleep 100; : ${mark}other`].map((text) => spawn('sh', ['-c', text], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] }))
    await Promise.all([leader, other].map((each) => once(each!.stdout, 'data')))
    while (marked(mark).length < 4) await new Promise((resolve) => setTimeout(resolve, 5))
    try {
      execFileSync(program, [...args, '-c', END.text, 'sh', String(leader!.pid)])
      const [left, ...more] = marked(mark).map(Number)
      expect([left, more]).toEqual([other!.pid, []])
      // What is gone already is no error.
      execFileSync(program, [...args, '-c', END.text, 'sh', String(leader!.pid)])
    } finally {
      process.kill(-other!.pid!, 'SIGKILL')
    }
  })

  it.skipIf(noNumbers !== undefined)(`ends nobody who got the number of what has ended meanwhile${noNumbers === undefined ? '' : ` (${noNumbers})`}`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'chaos-end-'))
    try {
      expect(execFileSync('unshare', [...NUMBERS, 'sh', '-c', REUSED, 'sh', folder, END.text], { encoding: 'utf8', timeout: 100_000 })).toBe('code 0\nlives\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('has nothing to do where nothing runs', () => {
    expect(spawnSync('sh', ['-c', END.text, 'sh', '999999999']).status).toBe(0)
  })
})
