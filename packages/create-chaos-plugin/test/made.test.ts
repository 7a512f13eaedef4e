import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installed } from '../../cli/test/publish/packed.ts'
import { main } from '../src/index.ts'
import { KINDS, namesOf } from '../src/kinds.ts'
import type { Kind, Names } from '../src/kinds.ts'

const MADE = Object.keys(KINDS) as Kind[]
let folder = ''

/** One plugin of each kind, side by side in a workspace whose node_modules npm made of our tarballs. What is of all of them is done once. */
beforeAll(async () => {
  const packages = installed()
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'chaos-create-')))
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "workspaces": ["*"] }')
  symlinkSync(path.join(packages, 'node_modules'), path.join(folder, 'node_modules'))
  for (const kind of MADE) await main([`my-own-${kind}`, '--kind', kind, '--directory', path.join(folder, kind), '--author', 'Ana'])
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(program: string, ...args: string[]): string {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, npm_config_loglevel: 'error' } })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}

describe('a plugin of each kind that was just made', () => {
  it('type-checks, by its own tsconfig.json', () => {
    // One compiler for all of them: what they import is read once.
    run(process.execPath, 'node_modules/typescript/bin/tsc', '--build', ...MADE)
    for (const kind of MADE) expect(readdirSync(path.join(folder, kind, 'dist'))).toEqual(expect.arrayContaining(['src', 'test']))
  }, 300_000)

  it('passes its contract suite', () => {
    const files = MADE.flatMap((kind) => readdirSync(path.join(folder, kind, 'dist/test')).filter((file) => file.endsWith('.test.js')).map((file) => path.join(kind, 'dist/test', file)))
    expect(files).toHaveLength(MADE.length)
    expect(run(process.execPath, '--test', ...files)).toMatch(/^# fail 0$/m)
  }, 300_000)

  it('packs what it exports, a licence and a README, and nothing else', () => {
    const packs = JSON.parse(run('npm', 'pack', '--workspaces', '--ignore-scripts', '--dry-run', '--json')) as { name: string; files: { path: string }[] }[]
    const found = Object.fromEntries(packs.map(({ name, files }) => [name, files.map((each) => each.path)]))
    expect(Object.keys(found).toSorted()).toEqual(MADE.map((kind) => (namesOf(`my-own-${kind}`, kind) as Names).package).toSorted())
    for (const files of Object.values(found)) {
      expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/src/index.js', 'dist/src/index.d.ts', 'package.json']))
      expect(files.filter((file) => !/^(LICENSE|README\.md|package\.json|dist\/src\/.+)$/.test(file))).toEqual([])
    }
  })

  it.each(MADE)('has a workflow, a .gitignore, and no word left of its template: %s', (kind) => {
    const made = path.join(folder, kind)
    expect(existsSync(path.join(made, '.github/workflows/test.yml')) && existsSync(path.join(made, '.gitignore'))).toBe(true)
    for (const file of ['README.md', 'LICENSE', 'src/index.ts', 'package.json']) {
      expect(readFileSync(path.join(made, file), 'utf8')).not.toMatch(/PACKAGE_NAME|PLUGIN_NAME|PLUGIN_KIND|plugin_key|\bAUTHOR\b|\bYEAR\b/)
    }
  })
})
