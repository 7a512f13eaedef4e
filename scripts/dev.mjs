// npm run dev: keeps dist of every package and the tests fresh while you work. Ctrl-C ends all.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { watch as watchCode } from 'rolldown'
import { bundleOptions } from './bundle.mjs'
import { build, install } from './pnpm.mjs'
import { ROOT, tool } from './program.mjs'
import { step } from './step.mjs'

if (!(await step('install', install))) process.exit(1)
// Once from the bottom up: a package's types come from what the one below it has built.
await step('build', build)

const packages = readdirSync(path.join(ROOT, 'packages'))
  .map((name) => path.join(ROOT, 'packages', name))
  .filter((folder) => existsSync(path.join(folder, 'tsconfig.build.json')))

const code = watchCode(packages.map(bundleOptions))
code.on('event', ({ code: kind, error, result }) => {
  if (kind === 'ERROR') console.log(error.message)
  if (kind === 'ERROR' || kind === 'BUNDLE_END') void result.close()
})
const children = packages.map((cwd) => watch(['tsc', '-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--watch', '--preserveWatchOutput'], cwd, path.basename(cwd)))
children.push(spawn(tool('vitest'), ['watch', ...process.argv.slice(2)], { cwd: ROOT, stdio: 'inherit' }))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => children.forEach((child) => child.kill()))
children.at(-1).once('exit', () => {
  void code.close()
  children.forEach((child) => child.kill())
})

/** tsc says much while it watches; only what is wrong is passed on, with the package's name before it. */
function watch([program, ...args], cwd, name) {
  const child = spawn(tool(program), args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.on('data', (chunk) => {
    for (const text of String(chunk).split('\n')) if (text.includes('error TS')) console.log(`${name}: ${text}`)
  })
  return child
}
