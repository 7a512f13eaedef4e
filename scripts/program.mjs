// Runs programs for the other scripts.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** A program of our devDependencies. */
export const tool = (name) => path.join(ROOT, 'node_modules/.bin', name)

const ENVIRONMENT = { DO_NOT_TRACK: '1', TURBO_TELEMETRY_DISABLED: '1', npm_config_update_notifier: 'false' }

/**
 * Runs a program in the repository. Gives its exit code and, unless `show` is set, all it printed.
 * `show` lets it print for itself.
 */
export function run(program, args, { show = false, env = {}, cwd = ROOT } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      // What is kept is shown by us, indented: without colours.
      env: { ...process.env, ...ENVIRONMENT, ...(show ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined }), ...env },
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    const output = []
    child.stdout?.on('data', (chunk) => output.push(chunk))
    child.stderr?.on('data', (chunk) => output.push(chunk))
    const end = (code, text = '') => resolve({ code, output: Buffer.concat(output).toString() + text })
    child.once('error', (error) => end(127, `${program}: ${error.message}\n`))
    child.once('close', (code, signal) => end(code ?? 1, signal === null ? '' : `${program} was ended by ${signal}\n`))
  })
}
