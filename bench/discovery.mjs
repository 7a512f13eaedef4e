// What 40 plugins cost before anything is done: discovery of a project that has them, beside one that has none; both have 60 dependencies that
// are no plugins. Each round in a process of its own, as a command is. node bench/discovery.mjs [RUNS]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { median, program } from './measure.mjs'

const [runs = 31] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(path.join(tmpdir(), 'chaos-bench-'))
const index = pathToFileURL(path.join(import.meta.dirname, '../packages/discovery/dist/index.js')).href

function project(plugins) {
  const names = [...Array.from({ length: plugins }, (_, number) => `chaos-role-number-${number}`), ...Array.from({ length: 60 }, (_, number) => `package-${number}`)]
  const place = path.join(folder, `with-${plugins}`)
  for (const name of names) {
    const own = path.join(place, 'node_modules', name)
    mkdirSync(own, { recursive: true })
    writeFileSync(path.join(own, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', exports: './index.js' }))
    writeFileSync(path.join(own, 'index.js'), 'export default {}\n')
  }
  writeFileSync(path.join(place, 'package.json'), JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '*'])) }))
  return place
}

const once = (from) => `const { discover } = await import(${JSON.stringify(index)})
const began = performance.now()
const plugins = await discover({ from: ${JSON.stringify(from)}, argv1: undefined, env: { HOME: ${JSON.stringify(folder)} } })
const took = performance.now() - began
console.log(JSON.stringify({ took, found: plugins.list().length }))`

/** The milliseconds of one discovery. */
async function measure(from, plugins) {
  const { took, found } = JSON.parse(await program([process.execPath, '--input-type=module', '-e', once(from)]))
  if (found !== plugins) throw new Error(`${found} plugins were found, and there are ${plugins}.`)
  return took
}

const [forty, none] = [project(40), project(0)]
const with40 = []
const with0 = []
for (let round = 0; round <= runs; round++) {
  const [one, other] = [await measure(forty, 40), await measure(none, 0)]
  // The first reads from a disk what the others find in memory.
  if (round === 0) continue
  with40.push(one)
  with0.push(other)
}
rmSync(folder, { recursive: true })
const cost = median(with40.map((took, round) => took - with0[round]))
console.log(`discovery, ${runs} runs: 40 plugins ${median(with40).toFixed(1)} ms, none ${median(with0).toFixed(1)} ms; 40 plugins cost ${cost.toFixed(1)} ms`)
