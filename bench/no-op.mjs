// How long the engine takes for operations that are already so, on this machine, beside what it cannot do without:
// one sh that runs the same looking as one script. Ratios count, not the seconds: node bench/no-op.mjs [OPERATIONS] [RUNS]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { defineRole } from '../packages/core/dist/index.js'
import { run } from '../packages/engine/dist/index.js'
import { files } from '../packages/operations/dist/index.js'
import local from '../packages/connector-local/dist/index.js'

const [count = 100, runs = 15] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(path.join(tmpdir(), 'chaos-bench-'))
const paths = Array.from({ length: count }, (_, index) => path.join(folder, `file-${index}`))
for (const each of paths) writeFileSync(each, `${each}\n`, { mode: 0o644 })
const role = defineRole(() => paths.map((each) => files.put({ path: each, content: `${each}\n`, mode: '0644' })))
const script = `stat -c '%f %u %g %n' -- ${paths.join(' ')} >/dev/null; sha256sum -- ${paths.join(' ')} >/dev/null`

const engine = []
const floor = []
let exchanges
for (let index = 0; index < runs + 1; index++) {
  const began = performance.now()
  const result = await run({
    choboloPath: path.join(folder, 'ch-obolo.yml'), hosts: [{ name: '@local' }], load: async () => local, dry: false, skipConfirm: true,
    roles: [{ tag: 'bench', role, explicit: true }], slice: () => ({ desired: {}, chobolo: {} }),
  })
  const middle = performance.now()
  spawnSync('/bin/sh', ['-c', script])
  if (result.hosts[0].operations.ok !== count) throw new Error(JSON.stringify(result.hosts[0]))
  exchanges = result.hosts[0].exchanges
  if (index > 0) {
    engine.push(middle - began)
    floor.push(performance.now() - middle)
  }
}
rmSync(folder, { recursive: true })
const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]
console.log(`${count} operations that are already so, ${runs} runs: engine ${median(engine).toFixed(0)} ms in ${exchanges} exchanges, floor (one sh) ${median(floor).toFixed(0)} ms, ratio ${(median(engine) / median(floor)).toFixed(1)}`)
