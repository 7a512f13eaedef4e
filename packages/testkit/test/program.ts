import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const START = `import { createRequire } from 'node:module'
const vite = createRequire(createRequire(process.argv[1]).resolve('vitest/package.json')).resolve('vite')
const { runnerImport } = await import(vite)
const load = async (name) => (await runnerImport(new URL(name, 'file://' + process.argv[1]).pathname)).module
`

export interface Program {
  readonly child: ChildProcess
  /** The next line that it prints. */
  line(): Promise<string>
}

/** Starts a program as a process of its own, which has `load('docker.ts')` for the sources of targets. */
export function startProgram(text: string, env: NodeJS.ProcessEnv = process.env): Program {
  const sources = fileURLToPath(new URL('../src/targets/', import.meta.url))
  const child = spawn(process.execPath, ['--input-type=module', '--eval', START + text, sources], { stdio: ['ignore', 'pipe', 'inherit'], env })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    async line() {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the program ended')
      return value
    },
  }
}
