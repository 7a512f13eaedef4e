import { spawn } from 'node:child_process'
import { ChaosError } from '@chaos/core'

const SIGNALS = ['SIGTERM', 'SIGHUP'] as const

/** Opens a file in `$VISUAL`, `$EDITOR` or vi, and waits. An editor that fails is an error; so is being told to end meanwhile. */
export async function runEditor(file: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const editor = env['VISUAL'] || env['EDITOR'] || 'vi'
  // Through a shell, as everywhere: the variable may hold options, as in `code --wait`. exec, so that a signal reaches the editor itself.
  const child = spawn('/bin/sh', ['-c', `exec ${editor} "$@"`, 'sh', file], { stdio: 'inherit' })
  let told: NodeJS.Signals | undefined
  const pass = (signal: NodeJS.Signals): void => {
    told = signal
    child.kill(signal)
  }
  // Ctrl-C reaches the editor as well, and belongs to it.
  const leave = (): void => undefined
  process.on('SIGINT', leave)
  for (const signal of SIGNALS) process.on(signal, pass)
  try {
    const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (...how) => resolve(how))
    })
    if (told) throw new ChaosError('INTERRUPTED', { message: `The edit was ended by ${told}. The secrets are as they were.` })
    if (code === 0) return
    throw new ChaosError('SECRETS_EDITOR', {
      message: `The editor (${editor}) ended with ${killedBy ?? String(code)}. The secrets are as they were.`,
      hint: code === 127 ? 'Name one that is installed: EDITOR=nano chaos secrets edit' : 'Run it again to edit them.',
    })
  } finally {
    process.off('SIGINT', leave)
    for (const signal of SIGNALS) process.off(signal, pass)
  }
}
