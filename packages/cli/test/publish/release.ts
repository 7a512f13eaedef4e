import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { REPOSITORY } from './packed.ts'

const PACKED = /^(dist|bin|templates|README\.md|LICENSE|package\.json)$/

interface Manifest {
  name: string
  version: string
  private?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/** A clone of the repository to release from, whole or of some packages: what is published of each, the changesets, and a commit. */
export interface Clone {
  readonly folder: string
  manifests(): Manifest[]
  /** Writes a changeset, in place of all that are there. */
  only(changeset: string): void
  /** Runs a program in it. */
  run(program: string, args: readonly string[], env?: Record<string, string>): string
  /** `changeset version`: takes the changesets and raises versions. Gives the new version of each package. */
  version(): Record<string, string>
}

export function cloneRepository(folder: string, names: readonly string[] = readdirSync(path.join(REPOSITORY, 'packages'))): Clone {
  for (const each of ['package.json', 'pnpm-workspace.yaml', '.npmrc', 'LICENSE', '.changeset', 'scripts']) cpSync(path.join(REPOSITORY, each), path.join(folder, each), { recursive: true })
  writeFileSync(path.join(folder, '.gitignore'), 'node_modules\n')
  symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(folder, 'node_modules'))
  for (const name of names) {
    const from = path.join(REPOSITORY, 'packages', name)
    for (const each of readdirSync(from)) if (PACKED.test(each)) cpSync(path.join(from, each), path.join(folder, 'packages', name, each), { recursive: true })
    signless(path.join(folder, 'packages', name, 'package.json'))
  }
  const file = (name: string): string => path.join(folder, 'packages', name, 'package.json')
  const manifests = (): Manifest[] => names.map((name) => JSON.parse(readFileSync(file(name), 'utf8')) as Manifest).filter((each) => !each.private)
  // What pnpm install would link: the packages of the clone, whose versions take the place of `workspace:^`.
  for (const name of names) {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(file(name), 'utf8')) as Manifest
    for (const each of Object.keys({ ...dependencies, ...devDependencies }).filter((dependency) => dependency.startsWith('@chaos/'))) {
      const link = path.join(folder, 'packages', name, 'node_modules', each)
      mkdirSync(path.dirname(link), { recursive: true })
      const dependency = each.slice('@chaos/'.length)
      symlinkSync(path.join(names.includes(dependency) ? folder : REPOSITORY, 'packages', dependency), link)
    }
  }
  const run: Clone['run'] = (program, args, env = {}) =>
    execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, npm_config_loglevel: 'error', ...env } })
  run('git', ['init', '-q', '-b', 'main'])
  run('git', ['add', '-A'])
  run('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.net', '-c', 'commit.gpgsign=false', 'commit', '-q', '-m', 'before the release'])
  return {
    folder,
    manifests,
    run,
    only(changeset) {
      const place = path.join(folder, '.changeset')
      for (const each of readdirSync(place)) if (each.endsWith('.md')) rmSync(path.join(place, each))
      writeFileSync(path.join(place, 'only.md'), changeset)
    },
    version() {
      run(process.execPath, [path.join(folder, 'node_modules/@changesets/cli/bin.js'), 'version'])
      return Object.fromEntries(manifests().map(({ name, version }) => [name, version]))
    },
  }
}

/** Provenance is signed by the CI that publishes; here nobody can, and npm lets only a flag that pnpm does not pass on outweigh the manifest. */
function signless(file: string): void {
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(file, 'utf8')) as Manifest & { publishConfig?: Record<string, unknown> }
  const { provenance: _, ...rest } = publishConfig ?? {}
  writeFileSync(file, JSON.stringify({ ...manifest, ...(publishConfig && { publishConfig: rest }) }, null, 2))
}
