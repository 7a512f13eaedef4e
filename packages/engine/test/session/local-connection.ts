import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection, Process } from '@chaos/core'

export const shells = ['dash', 'bash', 'busybox', 'mksh'] as const

/** Where a program is, if it is installed. */
export function find(program: string): string | undefined {
  return ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((folder) => join(folder, program)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

export interface LocalConnection extends Connection {
  /** What was spawned, in order. */
  readonly children: ChildProcess[]
  readonly texts: string[]
}

/** A connection to this machine whose `sh` is the shell of this name. `wrap` puts the whole thing into another program. */
export function localConnection(shell: string = 'dash', options: { wrap?: readonly string[]; home?: string } = {}): LocalConnection {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-session-'))
  symlinkSync(find(shell) as string, join(folder, 'sh'))
  const children: ChildProcess[] = []
  const texts: string[] = []
  return {
    children,
    texts,
    spawn: async (command, { signal, terminal } = {}): Promise<Process> => {
      texts.push(command.text)
      const argv = [...(options.wrap ?? []), ...(terminal ? ['script', '-qfec', command.text, '/dev/null'] : ['/bin/sh', '-c', command.text])]
      const child = spawn(argv[0] as string, argv.slice(1), {
        detached: true,
        stdio: 'pipe',
        cwd: '/',
        env: { PATH: `${folder}:/usr/bin:/bin`, HOME: options.home ?? '/', SHELL: '/bin/sh' },
      })
      children.push(child)
      const exit = new Promise<{ code: number | null; signal?: string }>((resolve, reject) => {
        child.once('error', reject)
        child.once('exit', (code, by) => resolve(by === null ? { code } : { code, signal: by }))
      })
      signal?.addEventListener('abort', () => killGroup(child.pid))
      return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit }
    },
    close: async () => {
      for (const child of children) if (child.exitCode === null && child.signalCode === null) killGroup(child.pid)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended in the meantime.
  }
}
