// Packs every public package as it would be published, and looks at the tarballs: publint, attw,
// and that nothing is inside but what was built.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { filterProblems, problemKindInfo } from '@arethetypeswrong/core/problems'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { pnpm } from './pnpm.mjs'
import { ROOT, run } from './program.mjs'

/** Packages are ESM only, which Node 20.19 can also require: how Node's own ESM and bundlers find types is what counts. */
const RESOLUTIONS = ['node16-esm', 'bundler']

/** What may lie in a package, beside `files`. */
const INSIDE = /^package\/(dist\/|bin\/|templates\/|README\.md$|CHANGELOG\.md$|LICENSE$|package\.json$)/
const REQUIRED = ['package/README.md', 'package/LICENSE', 'package/package.json']

/** What is wrong with the packages below `root`, as sentences. */
export async function packaging(root = ROOT) {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-packages-'))
  try {
    const packed = await pnpm(['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', folder], { cwd: root })
    if (packed.code !== 0) return [`pnpm pack failed:\n${packed.output}`]
    const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
    const missing = publicPackages(root).length - tarballs.length
    const found = []
    for (const name of tarballs) found.push(...(await checkTarball(path.join(folder, name))))
    if (missing !== 0) found.push(`${missing} public packages gave no tarball`)
    return found
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function checkTarball(file) {
  const listed = await run('tar', ['-tzf', file])
  const manifest = JSON.parse((await run('tar', ['-xzOf', file, 'package/package.json'])).output)
  const names = listed.output.trim().split('\n')
  const say = (text) => `${manifest.name}: ${text}`
  const found = names.filter((name) => !INSIDE.test(name)).map((name) => say(`${name} does not belong into the package`))
  found.push(...REQUIRED.filter((name) => !names.includes(name)).map((name) => say(`${name} is missing`)))
  if (!names.some((name) => name.startsWith('package/dist/'))) found.push(say('dist is empty; was it built?'))
  if (JSON.stringify(manifest).includes('@chaos/source')) found.push(say('its exports still have the condition @chaos/source'))
  if (/"(workspace|catalog):/.test(JSON.stringify(manifest))) found.push(say('its dependencies still say workspace: or catalog:'))

  const tarball = readFileSync(file)
  const { messages } = await publint({ pack: { tarball: Uint8Array.from(tarball).buffer }, strict: true })
  found.push(...messages.map((message) => say(`publint: ${formatMessage(message, manifest, { color: false })}`)))
  const types = await checkPackage(createPackageFromTarballData(Uint8Array.from(tarball)))
  if (!types.types) found.push(say('attw: it has no types'))
  else for (const { kind, entrypoint } of RESOLUTIONS.flatMap((resolutionKind) => filterProblems(types, { resolutionKind }))) found.push(say(`attw: ${entrypoint ?? ''} ${problemKindInfo[kind].title}`))
  return found
}

function publicPackages(root) {
  return readdirSync(path.join(root, 'packages')).filter((name) => {
    const file = path.join(root, 'packages', name, 'package.json')
    return existsSync(file) && !JSON.parse(readFileSync(file, 'utf8')).private
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = await packaging()
  for (const each of found) console.log(each)
  process.exitCode = found.length === 0 ? 0 : 1
}
