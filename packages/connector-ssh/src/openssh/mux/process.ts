import { Readable, Writable } from 'node:stream'
import type { Process } from '@chaos/core'
import { markPid } from '../../client/channel/pid.ts'
import type { PidMark } from '../../client/channel/pid.ts'
import { loginCommand } from '../../shell/command.ts'
import type { Channel, ChannelHandlers } from './channel.ts'
import type { Mux } from './mux.ts'

export interface RemoteProcess extends Process {
  readonly channel: Channel
  /** Its process group on the host; undefined while it has not told it. */
  readonly group: () => number | undefined
  /** Resolves when it has told its group, or has ended. */
  readonly told: Promise<unknown>
  /** Resolves when the channel is closed on both sides. */
  readonly closed: Promise<void>
}

export interface ProcessOptions {
  readonly text: string
  readonly terminal: boolean
  readonly forwardAgent: boolean
}

/** No echo: what is typed is read by programs. 53 = ECHO, 0 = the end (RFC 4254, 8). */
const MODES = Buffer.from([53, 0, 0, 0, 0, 0])

/** Bytes of one argument that a Linux kernel takes, its end included. */
const LONGEST = 131_072 - 1

/** The host opened a channel, but ran nothing in it. */
export class ProcessRefused extends Error {}

/** The host closed a channel without a word on how its process ended. */
export class EndUnknown extends Error {}

/** Runs a shell text on the host. A closed channel does not end what runs there; a signal to its group does, which its shell tells first. */
export async function startProcess(mux: Mux, { text, terminal, forwardAgent }: ProcessOptions): Promise<RemoteProcess> {
  const mark = markPid(text)
  const line = loginCommand(mark.text)
  if (Buffer.byteLength(line) > LONGEST) throw new ProcessRefused('the command is too long; what is long is to be sent on stdin')
  let made: RemoteProcess | undefined
  const channel = await mux.open('session', [], (opened) => {
    const { process, handlers } = processOf(opened, mark, terminal)
    made = process
    return handlers
  })
  const process = made as RemoteProcess
  if (forwardAgent) channel.tell('auth-agent-req@openssh.com')
  const pty = terminal ? channel.request('pty-req', 'dumb', 80, 24, 0, 0, MODES) : true
  const exec = channel.request('exec', line)
  const [gotTerminal, runs] = await Promise.all([pty, exec])
  if (gotTerminal && runs) return process
  channel.close()
  throw new ProcessRefused(gotTerminal ? 'it runs no commands' : 'it gives no terminal')
}

function processOf(channel: Channel, mark: PidMark, terminal: boolean): { process: RemoteProcess; handlers: ChannelHandlers } {
  const out = readable(channel, terminal ? mark : undefined)
  const err = readable(channel, terminal ? undefined : mark)
  if (terminal) err.end()
  const stdin = writable(channel)
  let exited: ((end: Awaited<Process['exit']>) => void) | undefined
  let broke: ((error: Error) => void) | undefined
  const exit = new Promise<Awaited<Process['exit']>>((resolve, reject) => {
    exited = resolve
    broke = reject
  })
  // Whoever only reads its output hears of a broken connection there.
  exit.catch(() => {})
  let gone: (() => void) | undefined
  const closed = new Promise<void>((resolve) => void (gone = resolve))

  const endOutput = (): void => {
    out.end()
    err.end()
  }
  const handlers: ChannelHandlers = {
    data: (stream, bytes) => (stream === 'stdout' ? out : err).feed(bytes),
    eof: endOutput,
    request(name, read) {
      if (name === 'exit-status') exited?.({ code: read.number() })
      if (name === 'exit-signal') exited?.({ code: null, signal: `SIG${read.text().replace(/[^\w@.-]/g, '')}` })
    },
    closed(error) {
      broke?.(error ?? new EndUnknown('the host closed a channel without saying how its process ended'))
      if (error === undefined) endOutput()
      else for (const { stream } of [out, err]) stream.destroy()
      stdin.destroy()
      gone?.()
    },
  }
  const process = { stdin, stdout: out.stream, stderr: err.stream, exit, channel, group: mark.pid, told: Promise.race([mark.known, exit.catch(() => {})]), closed }
  return { process, handlers }
}

function writable(channel: Channel): Writable {
  const stream = new Writable({
    write: (bytes: Buffer, _, done) => void channel.write(bytes).then(() => done(), done),
    final(done) {
      channel.eof()
      done()
    },
    destroy(error, done) {
      channel.eof()
      done(error)
    },
  })
  // A process that ends before it has read everything is no reason to crash: `exit` tells how it ended.
  stream.on('error', () => {})
  return stream
}

interface Output {
  readonly stream: Readable
  feed(bytes: Buffer): void
  end(): void
}

function readable(channel: Channel, mark?: PidMark): Output {
  let waiting = 0
  let ended = false
  const stream = new Readable({
    read() {
      channel.took(waiting)
      waiting = 0
    },
    destroy(error, done) {
      // What nobody reads any more must not stop the other stream, which shares the window.
      channel.took(waiting)
      waiting = 0
      done(error)
    },
  })
  return {
    stream,
    feed(bytes) {
      const shown = mark === undefined ? bytes : mark.strip(bytes)
      if (ended || stream.destroyed || shown.length === 0 || stream.push(shown)) channel.took(bytes.length)
      else waiting += bytes.length
    },
    end() {
      if (ended || stream.destroyed) return
      ended = true
      const rest = mark?.strip.rest()
      if (rest !== undefined && rest.length > 0) stream.push(rest)
      stream.push(null)
    },
  }
}
