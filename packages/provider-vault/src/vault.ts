import { setTimeout as sleep } from 'node:timers/promises'
import { ChaosError, isChaosError } from '@chaos/core'
import { exchange, makeAgent } from './http.ts'
import type { Answer } from './http.ts'
import { parseJson } from './json.ts'
import type { Json } from './json.ts'
import { networkError } from './network-error.ts'
import type { Settings } from './settings.ts'
import { isSealed, notVault, retryAfter, statusError } from './status-error.ts'

/** How often a question is put again, and how many seconds at most one waits for that. */
const RETRIES = 3
const PATIENCE = 10
const REDIRECTS = 3

export interface Ask {
  /** Below /v1/, encoded. */
  readonly path: string
  readonly query?: string
  readonly token?: string
  /** Makes it a POST. */
  readonly body?: object
  /** Statuses that the caller reads itself, where they come as JSON. */
  readonly allow?: readonly number[]
}

export interface Told extends Json {
  readonly status: number
}

/** Puts a question to Vault: with its repetitions, and never to anybody else. */
export type AskVault = (question: Ask, signal: AbortSignal) => Promise<Told>

export async function makeAsk(settings: Settings): Promise<AskVault> {
  const { address, namespace, timeout } = settings
  const agent = await makeAgent(address, settings.ca)
  const base = address.href.replace(/\/*$/, '')

  return async ({ path, query, token, body, allow = [] }, run) => {
    const shown = decodeURIComponent(path)
    const signal = AbortSignal.any([run, AbortSignal.timeout(timeout)])
    const headers = {
      'x-vault-request': 'true',
      accept: 'application/json',
      ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
      ...(token !== undefined && { 'x-vault-token': token }),
      ...(body && { 'content-type': 'application/json' }),
    }
    let url = new URL(`${base}/v1/${path}${query === undefined ? '' : `?${query}`}`)
    const once = async (): Promise<Answer> => {
      for (let redirects = 0; ; redirects++) {
        const answer = await exchange({ method: body ? 'POST' : 'GET', url, headers, body: body && JSON.stringify(body), agent, signal })
        if (![301, 302, 307, 308].includes(answer.status)) return answer
        url = redirected(settings, url, answer, redirects)
      }
    }
    try {
      for (let tries = 0; ; tries++) {
        const answer = await once()
        const wait = retryAfter(answer.headers['retry-after']) ?? 0.25 * 2 ** tries
        if (tries === RETRIES || wait > PATIENCE || !worthwhile(answer, body !== undefined)) return told(settings, answer, shown, allow)
        await sleep(wait * 1000, undefined, { signal })
      }
    } catch (error) {
      throw isChaosError(error) ? error : networkError(settings, error, run.aborted)
    }
  }
}

function told(settings: Settings, answer: Answer, path: string, allow: readonly number[]): Told {
  const { status, text } = answer
  if (status === 204) return { status, value: {}, exact: {} }
  const json = parseJson(text)
  if (json && (status === 200 || allow.includes(status))) return { status, ...json }
  if (status === 200) throw notVault(settings.name, answer, path)
  throw statusError(settings, answer, path)
}

/** A write that failed in the server may have been done. What is sealed stays so. */
function worthwhile({ status, text }: Answer, writes: boolean): boolean {
  if (status === 412 || status === 429) return true
  return !writes && status >= 500 && status !== 501 && !isSealed(text)
}

/** The token goes to the address that was configured, and to no other, whoever asks for it. */
function redirected({ name }: Settings, from: URL, { headers: { location = '' }, status }: Answer, redirects: number): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (to?.origin === from.origin && redirects < REDIRECTS) return to
  throw new ChaosError('VAULT_REDIRECT', {
    message: to === undefined || to.origin === from.origin ? `${name} redirects without an end or an aim (${status}).` : `${name} redirects to ${to.origin}, which is somebody else: the token is not sent there.`,
    hint: 'If Vault is there, make that its address: VAULT_ADDR, or address in the config.',
    details: { address: name, status },
  })
}
