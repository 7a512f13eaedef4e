// vitest's globalSetup: a folder of the run, CHAOS_TEST_RUN, for what test files share, as a Docker engine. What throw-away targets take long to
// make is kept there as well, or where CHAOS_TEST_TARGETS says. Gone with the run, however it ends.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

// The end of its input is the end of the run. The engine, if there is one, ends as well. A target that is still being made may put a file
// there in the meantime.
const KEEPER = `cat >/dev/null
[ ! -e "$0/docker.runs" ] || flock "$0/docker.runs" true
until rm -rf -- "$0"; do sleep 1; done`

export default function setup() {
  const run = mkdtempSync(path.join(tmpdir(), 'chaos-run-'))
  // A session of its own: Ctrl-C is for the run.
  const keeper = spawn('sh', ['-c', KEEPER, run], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  const gone = once(keeper, 'close')
  keeper.unref()
  execFileSync('mkfifo', [path.join(run, 'alive')])
  // For reading too: nobody else may have opened it yet.
  const alive = openSync(path.join(run, 'alive'), 'r+')
  process.env.CHAOS_TEST_RUN = run
  process.env.CHAOS_TEST_TARGETS ||= run
  mkdirSync(process.env.CHAOS_TEST_TARGETS, { recursive: true })
  return async () => {
    closeSync(alive)
    keeper.ref()
    keeper.stdin.end()
    await gone
  }
}
