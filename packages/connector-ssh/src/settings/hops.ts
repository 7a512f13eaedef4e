import type { Lookup } from './lookup.ts'
import type { Settings } from './contract.ts'
import { readPlace } from './names.ts'
import { refused } from './refused.ts'
import { commandTokens, fillTokens } from './tokens.ts'
import type { Filling } from './tokens.ts'

export interface Traveller {
  readonly lookup: Lookup
  readonly filling: Filling
  /** What led here, the target first. */
  readonly chain: readonly string[]
}

type Resolve = (hop: Lookup) => Promise<{ own: Settings; jumps(chain: readonly string[]): Promise<Settings[]> }>

/**
 * The hops that a ProxyJump names, as OpenSSH goes them: the first is reached as its own configuration says, each further one
 * through the one before, whatever its own ProxyJump or ProxyCommand. User and port in the text win over the configuration.
 */
export async function hopsOf(text: string | undefined, { lookup, filling, chain }: Traveller, resolve: Resolve): Promise<Settings[]> {
  if (text === undefined || text === 'none') return []
  const way = [...chain, label(lookup)]
  if (chain.includes(label(lookup))) {
    throw refused('SSH_JUMP_LOOP', `The way to ${chain[0]} leads back to itself: ${way.join(' → ')}.`, 'Correct the ProxyJump of one of them.', { chain: way })
  }
  const whence = `the ProxyJump of ${lookup.name}`
  const hops = fillTokens(text, commandTokens(filling), whence).split(',').map((each): Lookup => {
    const { host, user, port } = readPlace(each.trim(), whence)
    return { name: host, user, port, file: lookup.file }
  })
  const [first, ...further] = await Promise.all(hops.map(resolve))
  if (first === undefined) return []
  return [...(await first.jumps(way)), first.own, ...further.map(({ own }): Settings => ({ ...own, proxyCommand: undefined }))]
}

function label({ name, user, port }: Lookup): string {
  return `${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}`
}
