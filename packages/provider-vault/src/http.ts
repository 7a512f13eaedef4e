import type { Agent, IncomingHttpHeaders } from 'node:http'

/** Bytes of an answer: Vault keeps secrets of up to a megabyte. */
export const MAX_ANSWER = 4 * 1024 * 1024

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly agent: Agent
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Thrown for an answer that does not end. */
export class TooLarge extends Error {}

/** Keeps connections for the next question, and has at most eight at a time. */
export async function makeAgent(address: URL, ca: string | undefined): Promise<Agent> {
  const options = { keepAlive: true, maxSockets: 8 }
  if (address.protocol === 'http:') return new (await import('node:http')).Agent(options)
  return new (await import('node:https')).Agent({ ...options, rejectUnauthorized: true, ...(ca !== undefined && { ca }) })
}

/** One question and its whole answer. Rejects with what Node.js says of the network. */
export async function exchange(question: Question): Promise<Answer> {
  const { method, url, headers, body, agent, signal } = question
  const { request } = await (url.protocol === 'http:' ? import('node:http') : import('node:https'))
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) }, agent, signal }, (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        chunks.push(chunk)
        if (size > MAX_ANSWER) response.destroy(new TooLarge())
      })
      response.on('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // A connection that was kept may have been closed at its other end meanwhile. It leaves the agent, so that this ends.
      const stale = sent.reusedSocket && method === 'GET' && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      if (stale) exchange(question).then(resolve, reject)
      else reject(error)
    })
    sent.end(body)
  })
}
