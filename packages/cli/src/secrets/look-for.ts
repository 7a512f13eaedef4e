import { isChaosError, secret } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { ReadSecret } from '../secret-reader.ts'
import { SECRETS_FILE } from '../secret-reader.ts'
import { sealedTree } from './key-list.ts'
import { oneKey } from './one-key.ts'
import { readSecretsFile } from './open.ts'

/**
 * In the place of a reader: whether `${secret:NAME:REFERENCE}` can be read is told as far as it can be without reading it. Its provider must be
 * installed, and a key of the secrets file, whose keys stand in clear, be there. A file that is not here may be there where it is applied.
 */
export function lookForSecret(plugins: Promise<Plugins>, place: () => Promise<string>): ReadSecret {
  let tree: Promise<{ file: string; tree: unknown } | undefined> | undefined
  return async (name, reference) => {
    if (name === SECRETS_FILE) {
      const there = await (tree ??= read(place))
      if (there) oneKey(there.tree, reference, there.file)
    } else {
      const installed = await plugins
      // Throws what tells where it could be had.
      if (!installed.list('providers').some((each) => each.name === name)) await installed.load('providers', name)
    }
    return secret('')
  }
}

async function read(place: () => Promise<string>): Promise<{ file: string; tree: unknown } | undefined> {
  try {
    const file = await place()
    return { file, tree: await sealedTree(await readSecretsFile(file), file) }
  } catch (error) {
    if (isChaosError(error) && (error.code === 'SECRETS_FILE_NOT_SET' || error.code === 'SECRETS_FILE')) return undefined
    throw error
  }
}
