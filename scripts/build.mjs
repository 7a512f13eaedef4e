// Builds the package in the current folder. dist is made anew, so that nothing that was removed from src lingers in what is published.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { bundle } from './bundle.mjs'
import { tool } from './program.mjs'

rmSync('dist', { recursive: true, force: true })
const types = spawn(tool('tsc'), ['-p', 'tsconfig.build.json', '--emitDeclarationOnly'], { stdio: 'inherit' })
const typed = once(types, 'exit')
await bundle(process.cwd())
const [status] = await typed
process.exitCode = status ?? 1
