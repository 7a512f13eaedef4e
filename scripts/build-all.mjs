// Builds every package that is older than its sources: all of them in one process, since starting a compiler and a bundler for each, which
// then read what they have in common once more, took ten times as long. `build.mjs` builds one.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bundle } from './bundle.mjs'
import { ROOT, run, tool } from './program.mjs'

const PACKAGES = path.join(ROOT, 'packages')

/** Of what is built by: newer than a package's dist, they make it old. */
const COMMON = ['tsconfig.base.json', 'pnpm-lock.yaml', ...['build-all', 'bundle', 'licences'].map((name) => `scripts/${name}.mjs`)]

const common = newest(COMMON.map((name) => path.join(ROOT, name)))
const old = readdirSync(PACKAGES).filter((name) => existsSync(inside(name, 'src')) && isOld(name))
if (old.length > 0) process.exitCode = await buildAll(old)

async function buildAll(names) {
  const made = mkdtempSync(path.join(tmpdir(), 'chaos-declarations-'))
  try {
    for (const name of names) rmSync(inside(name, 'dist'), { recursive: true, force: true })
    const [typed] = await Promise.all([declare(made), ...names.map((name) => bundle(inside(name)))])
    if (typed.code !== 0) {
      console.error(typed.output)
      return 1
    }
    // Last, for who has its declarations is taken for built.
    for (const name of names) cpSync(path.join(made, 'packages', name, 'src'), inside(name, 'dist'), { recursive: true })
    return 0
  } finally {
    rmSync(made, { recursive: true })
  }
}

/** Declarations of all packages, as one program. */
function declare(folder) {
  const config = path.join(folder, 'tsconfig.json')
  const compilerOptions = { noEmit: false, emitDeclarationOnly: true, rootDir: ROOT, outDir: folder, typeRoots: [path.join(ROOT, 'node_modules/@types')] }
  writeFileSync(config, JSON.stringify({ extends: path.join(ROOT, 'tsconfig.json'), compilerOptions, include: [path.join(PACKAGES, '*/src/**/*.ts')] }))
  return run(tool('tsc'), ['-p', config])
}

function isOld(name) {
  const built = path.join(inside(name, 'dist'), 'index.d.ts')
  return !existsSync(built) || Math.max(common, newest([inside(name, 'package.json'), inside(name, 'src')])) > statSync(built).mtimeMs
}

/** When one of these, or of what is in them, was changed last. A folder is changed by what is removed from it. */
function newest(files) {
  return Math.max(...files.flatMap((file) => {
    const found = statSync(file)
    return found.isDirectory() ? [found.mtimeMs, newest(readdirSync(file).map((name) => path.join(file, name)))] : [found.mtimeMs]
  }))
}

function inside(name, ...rest) {
  return path.join(PACKAGES, name, ...rest)
}
