import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { startRegistry } from './registry.ts'
import type { NpmRegistry } from './registry.ts'

export interface Ended {
  readonly code: number
  readonly output: string
}

/** A user with a home of their own, for whom a local Verdaccio is the registry of the scopes @chaos and @acme. */
export interface Site {
  readonly folder: string
  readonly home: string
  readonly registry: NpmRegistry
  run(cwd: string, program: string, args: readonly string[], env?: Record<string, string>): Promise<Ended>
  /** As `run`; throws what it said when it failed, else gives it. */
  must(cwd: string, program: string, args: readonly string[], env?: Record<string, string>): Promise<string>
  close(): Promise<void>
}

export async function openSite(): Promise<Site> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'chaos-publish-')))
  const home = path.join(folder, 'home')
  const npmrc = path.join(home, '.npmrc')
  const registry = await startRegistry(path.join(folder, 'verdaccio'))
  // What the user's own says of proxies and mirrors stays.
  const own = spawnSync('npm', ['config', 'get', 'userconfig'], { encoding: 'utf8' }).stdout.trim()
  mkdirSync(home)
  writeFileSync(npmrc, `${existsSync(own) ? readFileSync(own, 'utf8') : ''}\n${registry.npmrc('@chaos', '@acme')}`)

  const run: Site['run'] = async (cwd, program, args, more = {}) => {
    const { npm_config_userconfig: _, NODE_TEST_CONTEXT: __, ...inherited } = process.env
    const quiet = { NO_COLOR: '1', npm_config_loglevel: 'error', npm_config_audit: 'false', npm_config_fund: 'false' }
    const env = { ...inherited, HOME: home, XDG_STATE_HOME: path.join(home, 'state'), CHAOS_STATE_FOLDER: path.join(home, 'machine-state'), XDG_DATA_HOME: path.join(home, 'data'), ...quiet, npm_config_userconfig: npmrc, ...more }
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { code: code as number, output: `${stdout}${stderr}` }
  }
  return {
    folder,
    home,
    registry,
    run,
    async must(cwd, program, args, env) {
      const { code, output } = await run(cwd, program, args, env)
      if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`)
      return output
    },
    async close() {
      await registry.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
