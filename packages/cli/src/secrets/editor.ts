import { spawn } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import path from 'node:path'
import { ChaosError } from '@chaos/core'

const SIGNALS = ['SIGTERM', 'SIGHUP'] as const
/** Vim keeps what is in a file elsewhere too, on the disk: swap files, undo files, copies, registers. Said behind its own config, which may ask for them. */
const VIM_KEEPS_NOTHING = ['-n', '-i NONE', `-c 'silent! set noswapfile noundofile nobackup nowritebackup'`]

export interface EditorOptions {
  /** The file is in memory, and so must be what the editor keeps of it, as far as it can be told. */
  readonly keepsNothing?: boolean
  readonly env?: NodeJS.ProcessEnv
}

/** Opens a file in `$VISUAL`, `$EDITOR` or vi, and waits. An editor that fails is an error; so is being told to end meanwhile. */
export async function runEditor(file: string, { keepsNothing = false, env = process.env }: EditorOptions = {}): Promise<void> {
  const editor = env['VISUAL'] || env['EDITOR'] || 'vi'
  const options = keepsNothing && isVim(editor, env) ? ` ${VIM_KEEPS_NOTHING.join(' ')}` : ''
  // Through a shell, as everywhere: the variable may hold options, as in `code --wait`. exec, so that a signal reaches the editor itself.
  const child = spawn('/bin/sh', ['-c', `exec ${editor}${options} "$@"`, 'sh', file], { stdio: 'inherit' })
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

/** By the name of its program, where links lead to: vi is Vim in most places, and not in all. */
function isVim(editor: string, env: NodeJS.ProcessEnv): boolean {
  const [word = ''] = editor.trim().split(/\s+/)
  const candidates = word.includes('/') ? [word] : (env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, word))
  const program = candidates.find(isProgram)
  return program !== undefined && [program, realpathSync(program)].some((each) => /^[gmn]?vim(\.[a-z0-9]+)?$/.test(path.basename(each)))
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
