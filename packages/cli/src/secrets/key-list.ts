import { plainYaml } from '@chaos/chobolo'
import { inspectSops, shownPath } from '@chaos/sops'
import type { SopsPath } from '@chaos/sops'

/** The keys of an encrypted file, which stand there in clear: `users.ana.tokens[0]`, `tls["ca.crt"]`. Nothing is decrypted, no key is needed. */
export async function keysOfSecrets(text: string, file: string): Promise<string[]> {
  return below(await sealedTree(text, file), []).map(shownPath)
}

/** Its content as it stands there, encrypted. */
export async function sealedTree(text: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  // Throws what is wrong with it, and where it is no file of sops.
  inspectSops(text, { file })
  const { sops: _, ...tree } = (await plainYaml(text)).value as Record<string, unknown>
  return tree
}

function below(value: unknown, path: SopsPath): SopsPath[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => below(each, [...path, index]))
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, each]) => below(each, [...path, key]))
}
