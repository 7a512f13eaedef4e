// What core costs: people read it whole, and every plugin imports it.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT, run } from './program.mjs'

export async function coreSize() {
  const folder = path.join(ROOT, 'packages/core/src')
  const count = (name) => readFileSync(path.join(folder, name), 'utf8').split('\n').length - 1
  const lines = readdirSync(folder).reduce((sum, name) => sum + count(name), 0)
  const built = pathToFileURL(path.join(ROOT, 'packages/core/dist/index.js')).href
  const script = `const begin = performance.now(); await import(${JSON.stringify(built)}); console.log(performance.now() - begin)`
  const times = []
  for (let turn = 0; turn < 5; turn++) {
    const { output } = await run(process.execPath, ['--input-type=module', '--eval', script])
    times.push(Number(output))
  }
  return `core: ${lines} lines, imported in ${Math.min(...times).toFixed(1)} ms`
}
