// vitest's globalSetup: a folder for what throw-away targets take long to make, and test files share. Gone with the run, however it ends;
// CHAOS_TEST_TARGETS names one that stays.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

// The end of its input is the end of the run. A target that is still being made may put a file there in the meantime.
const KEEPER = 'cat >/dev/null; until rm -rf -- "$0"; do sleep 1; done'

export default function setup() {
  if (process.env.CHAOS_TEST_TARGETS) return undefined
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-targets-'))
  // A session of its own: Ctrl-C is for the run.
  const keeper = spawn('sh', ['-c', KEEPER, folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  keeper.unref()
  process.env.CHAOS_TEST_TARGETS = folder
  return async () => {
    keeper.ref()
    keeper.stdin.end()
    await once(keeper, 'close')
  }
}
