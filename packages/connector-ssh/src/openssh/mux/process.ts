import { randomBytes } from 'node:crypto'
import { Readable, Writable } from 'node:stream'
import type { Process } from '@chaos/core'
import { loginCommand } from '../../shell/command.ts'
import type { Channel, ChannelHandlers } from './channel.ts'
import { stripMark } from './mark.ts'
import type { Mux } from './mux.ts'

export interface RemoteProcess extends Process {
  readonly channel: Channel
  /** Its process group on the host, once it has told it; undefined when it never will. */
  readonly group: Promise<number | undefined>
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

/** The host opened a channel, but ran nothing in it. */
export class ProcessRefused extends Error {}

/**
 * Runs a shell text on the host. Its shell first tells its process group in a line of stderr (of the terminal, where there is
 * one) that is taken out here: a closed channel does not end what runs there, a signal to the group does.
 */
export async function startProcess(mux: Mux, { text, terminal, forwardAgent }: ProcessOptions): Promise<RemoteProcess> {
  const mark = `chaos-${randomBytes(12).toString('hex')}`
  let made: RemoteProcess | undefined
  const channel = await mux.open('session', [], (opened) => {
    const { process, handlers } = processOf(opened, mark, terminal)
    made = process
    return handlers
  })
  const process = made as RemoteProcess
  if (forwardAgent) channel.tell('auth-agent-req@openssh.com')
  const pty = terminal ? channel.request('pty-req', 'dumb', 80, 24, 0, 0, MODES) : true
  const exec = channel.request('exec', loginCommand(`echo ${mark}$$ >&2\n${text}`))
  const [gotTerminal, runs] = await Promise.all([pty, exec])
  if (gotTerminal && runs) return process
  channel.close()
  throw new ProcessRefused(gotTerminal ? 'it runs no commands' : 'it gives no terminal')
}

function processOf(channel: Channel, mark: string, terminal: boolean): { process: RemoteProcess; handlers: ChannelHandlers } {
  const out = readable(channel)
  const err = readable(channel)
  const marked = stripMark(mark, (terminal ? out : err).feed)
  if (terminal) err.stream.push(null)
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
    marked.end()
    out.stream.push(null)
    err.stream.push(null)
  }
  const handlers: ChannelHandlers = {
    data: (stream, bytes) => (terminal || stream === 'stderr' ? marked.feed(bytes) : out.feed(bytes)),
    eof: endOutput,
    request(name, read) {
      if (name === 'exit-status') exited?.({ code: read.number() })
      if (name === 'exit-signal') exited?.({ code: null, signal: `SIG${read.text()}` })
    },
    closed(error) {
      if (error === undefined) {
        endOutput()
        exited?.({ code: null })
      } else {
        broke?.(error)
        marked.end()
        out.stream.destroy()
        err.stream.destroy()
      }
      stdin.destroy()
      gone?.()
    },
  }
  return { process: { stdin, stdout: out.stream, stderr: err.stream, exit, channel, group: marked.group, closed }, handlers }
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

function readable(channel: Channel): { stream: Readable; feed: (bytes: Buffer) => void } {
  let waiting = 0
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
  const feed = (bytes: Buffer): void => {
    if (stream.destroyed || stream.readableEnded) return channel.took(bytes.length)
    if (stream.push(bytes)) channel.took(bytes.length)
    else waiting += bytes.length
  }
  return { stream, feed }
}
