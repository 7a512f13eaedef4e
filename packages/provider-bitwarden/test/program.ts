import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const VERSION = '2026.6.0'

/** The folder with bw: where PATH has it, else one where npm has put it, once in a test run. Or why there is none. */
export async function bwProgram(): Promise<{ folder?: string; missing?: string }> {
  if (spawnSync('openssl', ['version']).status !== 0) return { missing: 'needs openssl' }
  const found = (process.env['PATH'] ?? '').split(path.delimiter).find((folder) => folder !== '' && existsSync(path.join(folder, 'bw')))
  if (found !== undefined) return { folder: found }
  const targets = process.env['CHAOS_TEST_TARGETS']
  if (targets === undefined) return { missing: 'needs bw' }
  const kept = path.join(targets, `bw-${VERSION}`)
  const folder = path.join(kept, 'node_modules/.bin')
  if (existsSync(folder)) return { folder }
  // What was not installed whole never has the name; who comes second at the same time throws its own away.
  const made = mkdtempSync(`${kept}-`)
  try {
    const args = ['install', '--prefix', made, '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1', `@bitwarden/cli@${VERSION}`]
    await promisify(execFile)('npm', args, { timeout: 180_000 })
    if (!existsSync(folder)) renameSync(made, kept)
    return { folder }
  } catch {
    return existsSync(folder) ? { folder } : { missing: `needs bw, or npm that can install @bitwarden/cli@${VERSION}` }
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}
