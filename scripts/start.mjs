// npm start: from a fresh clone to a changed machine, without root. Installs, builds, and applies
// examples/quickstart to this machine below a directory of its own, twice.
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { build, installWithoutSite } from './pnpm.mjs'
import { ROOT, run } from './program.mjs'
import { heading, step } from './step.mjs'

const folder = path.join(ROOT, 'examples/quickstart')
const machine = path.join(folder, 'machine')
// The journal, what roles remember and the lock stay here too, rather than in your home.
const state = path.join(folder, 'state')
const env = { CHAOS_QUICKSTART_ROOT: machine, XDG_STATE_HOME: state, CHAOS_STATE_FOLDER: path.join(state, 'machine') }

process.exitCode = (await main()) ? 0 : 1

async function main() {
  heading('Setting up')
  if (!(await step('install', installWithoutSite)) || !(await step('build', build))) return false
  rmSync(machine, { recursive: true, force: true })
  mkdirSync(machine, { recursive: true })
  return (
    (await chaos('The plan: what would change, and nothing is changed', ['apply', '--dry', '--diff'])) &&
    (await chaos('Applied', ['apply', '--yes'])) &&
    (await chaos('Applied again: nothing to do', ['apply', '--yes']))
  )
}

async function chaos(title, args) {
  heading(title)
  console.log(`examples/quickstart $ chaos ${args.join(' ')}\n`)
  const program = path.join(ROOT, 'packages/cli/bin/chaos.js')
  const { code } = await run(process.execPath, [program, ...args], { show: true, env, cwd: folder })
  return code === 0
}
