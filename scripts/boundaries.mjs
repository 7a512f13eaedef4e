// Checks who imports whom: arrows between packages point one way only, and what a package
// imports is what its package.json says it depends on, both ways.
// node scripts/boundaries.mjs [ROOT]
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { importsOf } from './imports.mjs'
import { ROOT } from './program.mjs'

/** What each package may import of ours. */
const MAY = {
  core: [],
  discovery: ['core'],
  chobolo: ['core'],
  engine: ['core'],
  operations: ['core'],
  containers: ['core', 'operations'],
  sops: ['core'],
  cli: ['core', 'discovery', 'chobolo', 'engine', 'operations', 'containers', 'sops'],
  'provider-age': ['core', 'operations', 'sops'],
  testkit: ['core', 'engine'],
  'create-chaos-plugin': [],
}
const PLUGIN = /^(connector|provider|boat|role|plugin)-/
const PLUGINS_MAY = ['core', 'operations', 'containers']

/** Violations as sentences with file and line. */
export function boundaries(root) {
  return readdirSync(path.join(root, 'packages'))
    .filter((name) => existsSync(path.join(root, 'packages', name, 'package.json')))
    .flatMap((name) => checkPackage(root, name))
}

function checkPackage(root, name) {
  const folder = path.join('packages', name)
  const manifest = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'))
  const may = MAY[name] ?? (PLUGIN.test(name) ? PLUGINS_MAY : undefined)
  if (!may) return [`${folder}: scripts/boundaries.mjs does not say what it may import`]
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
  // What the build bundles: see scripts/bundle.mjs.
  const bundled = new Set(Object.keys(manifest.devDependencies ?? {}).filter((each) => !each.startsWith('@chaos/')))
  const found = []
  const used = new Set()
  for (const file of sources(root, folder)) {
    for (const { specifier, line } of importsOf(readFileSync(path.join(root, file), 'utf8'))) {
      const at = `${file}:${line}`
      if (specifier.startsWith('node:')) continue
      if (specifier.startsWith('.')) {
        const target = path.join(path.dirname(file), specifier)
        if (!target.startsWith(folder + path.sep)) found.push(`${at}: imports ${specifier}, outside its package`)
        continue
      }
      const imported = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
      if (imported === manifest.name) continue
      used.add(imported)
      const ours = /^@chaos\/(.+)$/.exec(imported)?.[1]
      if (ours !== undefined && !may.includes(ours)) found.push(`${at}: ${name} may not import ${imported}`)
      else if (!declared.has(imported) && !bundled.has(imported)) found.push(`${at}: imports ${imported}, which is not among its dependencies`)
    }
  }
  for (const dependency of declared) {
    // The command line brings a few plugins along, and a plugin those that it lends; discovery finds them, nothing imports them.
    const brought = (name === 'cli' && PLUGIN.test(dependency.replace('@chaos/', ''))) || manifest.chaos?.uses?.includes(dependency)
    if (!used.has(dependency) && !brought) found.push(`${folder}/package.json: depends on ${dependency}, which nothing in src imports`)
  }
  return found
}

function sources(root, folder) {
  const below = (directory, ending) =>
    existsSync(path.join(root, folder, directory))
      ? readdirSync(path.join(root, folder, directory), { recursive: true })
          .filter((name) => name.endsWith(ending))
          .map((name) => path.join(folder, directory, name))
      : []
  return [...below('src', '.ts'), ...below('bin', '.js')]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = boundaries(process.argv[2] ?? ROOT)
  for (const each of found) console.log(each)
  process.exitCode = found.length === 0 ? 0 : 1
}
