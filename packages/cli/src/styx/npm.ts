import { ChaosError } from '@chaos/core'

const SECONDS = 300

/** Runs npm, without scripts of packages, and gives what it printed. Other exit codes than these are errors. */
export async function npm(args: readonly string[], cwd: string, signal: AbortSignal, codes: readonly number[] = [0]): Promise<string> {
  const env = { npm_config_ignore_scripts: 'true', npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false', npm_config_loglevel: 'error' }
  const { runProgram } = await import('@chaos/engine')
  const { code, stdout, stderr } = await runProgram(['npm', ...args], { cwd, env, timeout: SECONDS }, signal)
  if (codes.includes(code)) return stdout
  const said = stderr.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '')).filter((line) => line !== '' && !line.startsWith('A complete log'))
  throw new ChaosError('STYX_NPM', { message: `npm ${args[0]} failed: ${said.slice(0, 5).join(' ') || `exit code ${code}`}`, hint: 'Nothing was changed.', details: { stderr } })
}
