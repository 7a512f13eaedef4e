import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { Command, Connection, Process, SpawnOptions } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import { dialLocal } from './dial.ts'
import { endGroups } from './end-groups.ts'
import { terminalProgram } from './terminal.ts'

/** A connection to this machine. What it started and is still running ends with `close`. */
export function openLocal(): Connection {
  const running = new Map<ChildProcessWithoutNullStreams, () => Promise<void>>()
  const outputs = new Set<Readable>()

  async function spawnLocal(command: Command, { signal, terminal = false }: SpawnOptions = {}): Promise<Process> {
    signal?.throwIfAborted()
    const child = await start(command, terminal)
    for (const output of [child.stdout, child.stderr]) outputs.add(output.once('close', () => outputs.delete(output)))
    let ending: Promise<void> | undefined
    const end = (): Promise<void> => (ending ??= endGroups(child.pid as number))
    const onAbort = (): void => void end()
    const exit = new Promise<Awaited<Process['exit']>>((resolve) => {
      child.once('exit', (code, killedBy) => {
        signal?.removeEventListener('abort', onAbort)
        // Whoever waits for the exit after an abort may rely on it that nothing is left.
        void Promise.resolve(ending).then(() => {
          running.delete(child)
          resolve(killedBy === null ? { code } : { code, signal: killedBy })
        })
      })
    })
    running.set(child, async () => {
      await end()
      await exit
    })
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit }
  }

  return {
    spawn: spawnLocal,
    dial: dialLocal,
    async close() {
      await Promise.all([...running.values()].map((end) => end()))
      for (const output of outputs) if (!isRead(output)) output.destroy()
    },
  }
}

function isRead(output: Readable): boolean {
  return output.readableFlowing !== null || output.listenerCount('readable') > 0
}

async function start(command: Command, terminal: boolean): Promise<ChildProcessWithoutNullStreams> {
  const [program, ...args] = terminal ? await terminalProgram(command.text) : ['/bin/sh', '-c', command.text]
  try {
    // A session of its own: a script's `kill 0` must not reach chaos, and an abort must end what the shell started.
    const child = spawn(program as string, args, { detached: true, stdio: 'pipe', env: { ...environment(), ...(terminal && { SHELL: '/bin/sh' }) } })
    // A process that ends before it has read everything is no reason to crash: `exit` tells how it ended.
    child.stdin.on('error', () => {})
    await once(child, 'spawn')
    // Node throws away what nobody reads yet when a process ends. Whoever waits for its first line on stderr reads its stdout later.
    ;(child.stdio as (Readable | Writable | null)[]).fill(null)
    return child
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new ChaosError('SPAWN_FAILED', {
      message: code === 'E2BIG' ? 'A command is too long for this machine to start.' : `This machine could not start a shell: ${message}.`,
      hint: code === 'E2BIG' ? 'Send what is long on stdin.' : 'Look at the limits of this user (ulimit -u, ulimit -n) and that /bin/sh is there.',
      details: { code },
      cause,
    })
  }
}

/** The key that opens all secrets is for chaos alone: what runs here may run as another user, whose processes can look at it. */
function environment(): NodeJS.ProcessEnv {
  const { SOPS_AGE_KEY: _, ...env } = process.env
  return env
}
