// How a package becomes what is published: one file per door of its `exports`, and one per part that is imported when it is
// needed. Loading hundreds of small modules was most of what a run cost.
import { readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import path from 'node:path'
import { rolldown } from 'rolldown'
import { licences } from './licences.mjs'

/** Bundled although a dependency: our types mention it, and its many small modules are slow to load. */
const ALSO_BUNDLED = new Set(['zod'])

/** Writes what is built of the package in `folder`, but its declarations. */
export async function bundle(folder) {
  const { output, ...input } = bundleOptions(folder)
  const build = await rolldown(input)
  await build.write(output)
  await build.close()
}

/** Rolldown's options for the package in `folder`. What stands among its devDependencies is bundled, its other dependencies are not. */
export function bundleOptions(folder) {
  const { exports, devDependencies = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const doors = Object.values(exports).filter((door) => typeof door === 'object')
  const bundled = (name) => ALSO_BUNDLED.has(name) || (Object.hasOwn(devDependencies, name) && !name.startsWith('@chaos/'))
  return {
    cwd: folder,
    input: Object.fromEntries(doors.map((door) => [path.basename(door.default, '.js'), door['@chaos/source']])),
    platform: 'node',
    external(id, importer) {
      if (id.startsWith('.') || path.isAbsolute(id)) return false
      if (isBuiltin(id)) return true
      // What a bundled package needs comes along.
      return !importer?.includes('/node_modules/') && !bundled(id.split('/').slice(0, id.startsWith('@') ? 2 : 1).join('/'))
    },
    tsconfig: false,
    plugins: [modularYaml(), licences()],
    output: {
      dir: path.join(folder, 'dist'),
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
      // Readable, with the names of files and functions: it is what a stack trace shows, and minified it is hardly faster.
      minify: false,
      comments: false,
    },
  }
}

/**
 * Takes the modules that yaml has for browsers, which are the same in ESM: of CommonJS nothing can be left out, and each of its files is a
 * function that has to be called first.
 */
function modularYaml() {
  return {
    name: 'modular-yaml',
    resolveId(id, importer) {
      if (id !== 'yaml' || !importer) return null
      return { id: path.join(path.dirname(createRequire(importer).resolve('yaml/package.json')), 'browser/dist/index.js'), moduleSideEffects: false }
    },
  }
}
