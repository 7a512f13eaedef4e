import { refused } from './client.ts'
import type { Client } from './client.ts'

/** The newest version of the API that this was written for. */
const NEWEST = [1, 51] as const
/** Milliseconds an engine may take to answer at all. */
const PATIENCE = 20_000

/** Asks an engine which version of the API it speaks, and gives what stands in front of each path. */
export async function versionPrefix(client: Client, place: string): Promise<string> {
  const late = AbortSignal.timeout(PATIENCE)
  try {
    const { status, headers } = await client.ask({ method: 'GET', path: '/_ping', signal: late })
    if (status !== 200) throw refused(place, status, Buffer.from('it does not answer as an engine does'))
    return prefixOf(String(headers['api-version'] ?? ''))
  } catch (error) {
    if (late.aborted) throw client.unreachable(new Error(`it did not answer within ${PATIENCE / 1000} seconds`))
    throw error
  }
}

/** `/v1.41` of `1.41`; the newest one known of a newer one. Nothing where it names none: it then speaks its own. */
export function prefixOf(version: string): string {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(version) ?? []
  if (major === undefined) return ''
  const known = Number(major) < NEWEST[0] || (Number(major) === NEWEST[0] && Number(minor) <= NEWEST[1])
  return `/v${known ? version : NEWEST.join('.')}`
}
