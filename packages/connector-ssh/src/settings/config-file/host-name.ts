import { fillTokens } from '../tokens.ts'

/** What is dialled: HostName with its %h filled in, else the name itself, whose % begins a zone. */
export function hostNameOf(found: ReadonlyMap<string, readonly string[]>, name: string): string {
  const given = found.get('hostname')?.[0]
  return given === undefined ? name : fillTokens(given, new Map([['h', name]]), `The HostName of ${name}`)
}
