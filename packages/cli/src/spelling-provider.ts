/**
 * `-p [NAME.TYPE]` and the flags of the Python tool that name a provider (`-b ITEM TYPE`) become `--provider=…`, so that a tag behind
 * them stays a tag.
 */
import type { Refusal } from './later.ts'

export const PROVIDER = '--provider'
/** What the config says: `secret_providers.default`. */
const DEFAULT = `${PROVIDER}=default`

/** The providers of the flags that are followed by an item and the kind of its key. */
const DIRECT: Readonly<Record<string, string>> = {
  '--from-bw': 'bw', '--from-bws': 'bws', '--from-rbw': 'rbw', '--from-op': 'op', '--from-doppler': 'dp', '--from-in': 'in',
}

/** `dotted`: words with a dot may be arguments of the command, so that only a known kind of key is taken for one. */
export interface Behind {
  readonly words: readonly string[]
  readonly dotted: boolean
}

/** What stands for a flag and how many words behind it belong to it. Undefined for any other flag. */
export function providerOption(flag: string, { words, dotted }: Behind): { option: string; taken: number } | Refusal | undefined {
  if (flag === PROVIDER) {
    const [next = ''] = words
    const named = dotted ? /^[^-.\s:][^\s:]*\.(age|gpg|vault)(:|$)/ : /^[^-.\s:][^\s:]*\.[^.\s:/]+(:|$)/
    return named.test(next) ? { option: `${PROVIDER}=${next}`, taken: 1 } : { option: DEFAULT, taken: 0 }
  }
  const at = flag.indexOf('=')
  const name = at === -1 ? flag : flag.slice(0, at)
  if (!Object.hasOwn(DIRECT, name)) return undefined
  const [item, type] = at === -1 ? words : [flag.slice(at + 1), ...words]
  if (!item || !type || item.startsWith('-') || type.startsWith('-')) {
    return { message: `\`${name}\` is followed by an item and the kind of its key.`, hint: `As in: ${name} ITEM age` }
  }
  return { option: `${PROVIDER}=${DIRECT[name]}.${type}:${item}`, taken: at === -1 ? 2 : 1 }
}

/** In the middle of a bundle nothing follows it. */
export function inBundle(long: readonly string[]): string[] {
  return long.map((each, index) => (each === PROVIDER && index < long.length - 1 ? DEFAULT : each))
}
