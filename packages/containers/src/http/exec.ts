import { randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSecret, revealSecret } from '@chaos/core'
import type { Process } from '@chaos/core'
import type { ExecOptions } from '../engine/contract.ts'
import { demux } from './demux.ts'

/** Milliseconds between two looks at a program that has closed its output and still runs, at most. */
const LONGEST_PAUSE = 250

/** Asks the engine, and gives the parsed answer. */
export interface Ask {
  post(path: string, body: unknown): Promise<unknown>
  get(path: string): Promise<unknown>
  hijack(path: string, body: unknown): Promise<Duplex>
}

/** Runs a program in a container. `onExec` is told the id that the engine gives it. */
export async function exec(ask: Ask, id: string, { argv, terminal = false, user, env = {} }: ExecOptions, onExec: (id: string) => void): Promise<Process> {
  const { Id } = (await ask.post(`/containers/${id}/exec`, {
    AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: terminal, Cmd: argv,
    Env: Object.entries(env).map(([name, value]) => `${name}=${isSecret(value) ? revealSecret(value) : value}`),
    ...(user === undefined ? {} : { User: user }), ...(terminal ? { DetachKeys: nobodysKeys() } : {}),
  })) as { Id: string }
  onExec(Id)
  const stream = await ask.hijack(`/exec/${Id}/start`, { Detach: false, Tty: terminal })
  const { stdout, stderr, ended } = demux(stream, terminal)
  const exit = ended.then(async () => {
    stream.destroy()
    return { code: await codeOf(ask, Id) }
  })
  // Who never asks for it must not bring the process down.
  exit.catch(() => {})
  return { stdin: stdinOf(stream), stdout, stderr, exit }
}

/** An engine leaves a terminal when certain keys are typed, by default Ctrl-P Ctrl-Q; what is typed shall be the program's. */
function nobodysKeys(): string {
  return ['ctrl-_', ...randomBytes(12).toString('hex')].join(',')
}

function stdinOf(stream: Duplex): Writable {
  return new Writable({
    // A program that ends before it has read everything is no error: `exit` tells how it ended.
    write: (chunk: Buffer, _, done) => void stream.write(chunk, () => done()),
    final: (done) => void stream.end(() => done()),
    destroy(error, done) {
      // Only this half: the program reads its end, and its answer still comes.
      if (!stream.writableEnded) stream.end()
      done(error)
    },
  })
}

async function codeOf(ask: Ask, exec: string): Promise<number | null> {
  for (let pause = 2; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const { Running, ExitCode } = (await ask.get(`/exec/${exec}/json`)) as { Running: boolean; ExitCode: number | null }
    if (!Running) return ExitCode
    await sleep(pause)
  }
}
