import { ChaosError } from '@chaos/core'
import { openFetch } from './fetch.ts'
import type { Answer } from './fetch.ts'

const SECONDS = 30

/** The bytes of a URL, at most so many. Plain http only on this machine: nobody may change them on the way, the hash notwithstanding. */
export async function download(url: string, most: number): Promise<Buffer> {
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    throw new ChaosError('STYX_INSECURE', { message: `${url} is read over plain http.`, hint: 'Name it by https, or take a file.' })
  }
  const failed = (why: string, cause?: unknown): ChaosError =>
    new ChaosError('STYX_UNREACHABLE', { message: `${url} could not be read: ${why}.`, hint: 'Look at the address; nothing was changed.', ...(cause === undefined ? {} : { cause }) })
  const { get, close } = await openFetch()
  try {
    let response: Answer
    try {
      response = await get(url, AbortSignal.timeout(SECONDS * 1000))
    } catch (cause) {
      throw failed(whyOf(cause as Error), cause)
    }
    if (!response.ok) throw failed(`${response.status} ${response.statusText}`.trim())
    const chunks: Uint8Array[] = []
    let size = 0
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.length
        if (size > most) throw failed(`it is larger than ${Math.round(most / 1024 / 1024)} MB`)
        chunks.push(chunk)
      }
    } catch (cause) {
      throw cause instanceof ChaosError ? cause : failed('it ended in the middle', cause)
    }
    return Buffer.concat(chunks)
  } finally {
    await close()
  }
}

function whyOf(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${SECONDS} seconds`
  // What really happened is at the bottom: that nobody listens, or what a proxy answered.
  let below: Error & { code?: unknown } = error
  while (below.cause instanceof Error) below = below.cause
  return typeof below.code === 'string' && !below.code.startsWith('UND_') ? below.code : below.message
}
