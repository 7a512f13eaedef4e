import { request } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ChaosError, isChaosError } from '@chaos/core'
import { capital, engineRefused } from '../engine/refusal.ts'
import { dialAgent } from './agent.ts'

export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Behind the version: `/containers/web/json`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Speaks HTTP with a container engine. */
export interface Client {
  /** In front of each path: `/v1.41`. Empty at first. */
  prefix: string
  ask(question: Question): Promise<Answer>
  /** For answers that arrive bit by bit; the caller reads the body. */
  stream(question: Question): Promise<IncomingMessage>
  /** Leaves HTTP: what follows are the streams of a program. */
  hijack(question: Question): Promise<Duplex>
  /** What it is told as when the engine cannot be reached. */
  unreachable(cause: Error): ChaosError
  close(): void
}

export interface ClientOptions {
  readonly dial: () => Promise<Duplex>
  /** What it is to people: `the Docker engine at /var/run/docker.sock`. */
  readonly place: string
  /** The program that people use with it. Default `docker`. */
  readonly program?: string
}

export function createClient({ dial, place, program = 'docker' }: ClientOptions): Client {
  const agent = dialAgent(dial)

  function send<T>(question: Question, headers: OutgoingHttpHeaders, settle: (taken: Taken<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const { method, path, query = {}, body, signal } = question
      const search = new URLSearchParams(Object.entries(query).filter((each): each is [string, string] => each[1] !== undefined)).toString()
      const text = body === undefined ? undefined : JSON.stringify(body)
      const length = text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
      const sent = request({
        agent, method, path: `${client.prefix}${path}${search === '' ? '' : `?${search}`}`,
        headers: { Host: 'engine', ...length, ...headers }, ...(signal && { signal }),
      })
      sent.once('error', (cause) => reject(signal?.aborted ? cause : client.unreachable(cause)))
      sent.once('response', (answer) => settle({ answer, resolve, reject }))
      sent.once('upgrade', (answer, stream, head) => settle({ answer, upgraded: { stream, head }, resolve, reject }))
      sent.end(text)
    })
  }

  const stream = (question: Question): Promise<IncomingMessage> => send<IncomingMessage>(question, {}, ({ answer, resolve }) => resolve(answer))

  const client: Client = {
    prefix: '',
    stream,
    async ask(question) {
      const answer = await stream(question)
      const body = await buffer(answer).catch((cause: Error) => {
        throw client.unreachable(cause)
      })
      return { status: answer.statusCode ?? 0, headers: answer.headers, body }
    },
    hijack: (question) =>
      send<Duplex>(question, { Connection: 'Upgrade', Upgrade: 'tcp' }, ({ answer, upgraded, resolve, reject }) => {
        if (!upgraded) {
          buffer(answer).then((body) => reject(refused(place, answer.statusCode ?? 0, body)), (cause: Error) => reject(client.unreachable(cause)))
          return
        }
        if (upgraded.head.length > 0) upgraded.stream.unshift(upgraded.head)
        resolve(upgraded.stream)
      }),
    unreachable: (cause) => unreachable(place, program, cause),
    close: () => agent.destroy(),
  }
  return client
}

interface Taken<T> {
  readonly answer: IncomingMessage
  readonly upgraded?: { readonly stream: Duplex; readonly head: Buffer }
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

/** What an engine answers when it does not do what it was asked. */
export function refused(place: string, status: number, body: Buffer): ChaosError {
  return engineRefused(place, messageOf(body), { status })
}

export function messageOf(body: Buffer): string {
  const text = body.toString().trim()
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    return typeof message === 'string' ? message.trim() : text
  } catch {
    return text === '' ? 'it gave no reason' : text.slice(0, 500)
  }
}

function unreachable(place: string, program: string, cause: Error): ChaosError {
  // What could not be dialled says so itself, the system's word for it is underneath.
  const system = isChaosError(cause) && cause.cause instanceof Error ? cause.cause : cause
  const { code } = system as NodeJS.ErrnoException
  return new ChaosError('ENGINE_UNREACHABLE', {
    message: `${capital(place)} cannot be reached: ${cause.message.replace(/\.?$/, '.')}`,
    hint: HINTS[program]?.[code ?? ''] ?? (isChaosError(cause) ? cause.hint : undefined) ?? `See whether it runs, and whether this is the right one: ${program} info.`,
    details: code === undefined ? {} : { code },
    cause,
  })
}

const HINTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  docker: {
    EACCES: 'The user may not use it: a member of the group docker may, and root.',
    ENOENT: 'Start it, or say where it is: DOCKER_HOST, a docker context, or docker_socket.',
    ECONNREFUSED: 'Nothing listens there: start it.',
  },
}
