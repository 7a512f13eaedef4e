import { ChaosError } from '@chaos/core'
import { openFetch } from './fetch.ts'
import type { Answer } from './fetch.ts'

const SECONDS = 30

/** As many as fetch itself follows. */
const HOPS = 20

/** The bytes of a URL, at most so many. Plain http only on this machine, also where a redirection leads: nobody may change them on the way, the hash notwithstanding. */
export async function download(url: string, most: number, signal?: AbortSignal): Promise<Buffer> {
  const failed = (why: string, cause?: unknown): ChaosError =>
    new ChaosError('STYX_UNREACHABLE', { message: `${url} could not be read: ${why}.`, hint: 'Look at the address; nothing was changed.', ...(cause === undefined ? {} : { cause }) })
  // What a redirection said beside its address is not waited for.
  const over = new AbortController()
  const end = AbortSignal.any([AbortSignal.timeout(SECONDS * 1000), over.signal, ...(signal ? [signal] : [])])
  const { get, close } = await openFetch()
  try {
    let response: Answer | undefined
    let at = url
    for (let hop = 0; hop <= HOPS && !response; hop++) {
      refuseInsecure(at, url)
      let answer: Answer
      try {
        answer = await get(at, end)
      } catch (cause) {
        throw failed(whyOf(cause as Error), cause)
      }
      const next = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null
      if (next === null) response = answer
      else if (URL.canParse(next, at)) at = new URL(next, at).href
      else throw failed('it leads to what is no address')
    }
    if (!response) throw failed(`it leads elsewhere more than ${HOPS} times`)
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
    over.abort()
    await close()
  }
}

function refuseInsecure(at: string, url: string): void {
  if (!URL.canParse(at)) throw new ChaosError('STYX_UNREACHABLE', { message: `${url} is no address.`, hint: 'Nothing was changed.' })
  const { protocol, hostname } = new URL(at)
  if (protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))) return
  const what = protocol === 'http:' ? 'plain http' : protocol.slice(0, -1)
  throw new ChaosError('STYX_INSECURE', { message: at === url ? `${url} is read over ${what}.` : `${url} leads to ${at}, which is read over ${what}.`, hint: 'Name it by https, or take a file. Nothing was changed.' })
}

function whyOf(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${SECONDS} seconds`
  // What really happened is at the bottom: that nobody listens, or what a proxy answered.
  let below: Error & { code?: unknown } = error
  while (below.cause instanceof Error) below = below.cause
  return typeof below.code === 'string' && !below.code.startsWith('UND_') ? below.code : below.message
}
