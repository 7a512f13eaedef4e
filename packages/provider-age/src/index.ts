import { readFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ChaosError, defineProvider, isSecret, secret } from '@chaos/core'
import type { PluginContext, ProviderContext, Secret } from '@chaos/core'
import { decryptAgeFile, decryptSops, findIdentities, parsePath, valueAt } from '@chaos/sops'
import type { SecretTree } from '@chaos/sops'
import { config } from './config.ts'
import type { AgeConfig } from './config.ts'

/** Values of a file of sops, `${secret:age:db.password}`, or files of age. Nothing needs to be installed. */
export default defineProvider({
  config,
  about: 'Values of a sops file, or files of age, opened with your age identities.',

  async read(reference, context) {
    const { file, folder, identities } = context.config as AgeConfig
    const keys = (): Promise<Secret[]> => context.cache('provider-age:identities', () => identitiesOf(identities, context))
    if (folder !== undefined) {
      const one = fileOf(expand(folder), reference)
      const content = await decryptAgeFile(await readBytes(one, reference), { file: one, identities: await keys() })
      return content.map((text) => text.replace(/\r?\n$/, ''))
    }
    const whole = expand(file ?? '')
    const tree = await context.cache(`provider-age:${whole}`, () => open(whole, reference, keys, context.run))
    return valueOf(tree, reference, whole)
  },

  status: async ({ config: section }) => {
    const { file, folder } = (section ?? {}) as AgeConfig
    const place = file ?? folder
    return place === undefined ? { ready: false, text: 'Neither a file nor a folder is configured.' } : { ready: true, text: `It reads ${place}, with your age identities.` }
  },
})

async function open(file: string, reference: string, keys: () => Promise<Secret[]>, run: PluginContext['run']): Promise<SecretTree> {
  const text = (await readBytes(file, reference)).toString()
  return (await decryptSops(text, { file, identities: keys, run })).secrets()
}

function identitiesOf(file: string | undefined, context: ProviderContext): Promise<Secret[]> {
  return findIdentities({
    ...(file !== undefined && { file: expand(file) }),
    passphrase: async (locked) => {
      const answer = await context.prompt({ text: `Passphrase of ${locked}`, secret: true })
      return isSecret(answer) ? answer : secret(answer)
    },
  })
}

function valueOf(tree: SecretTree, reference: string, file: string): Secret {
  const path = parsePath(reference)
  const value = path && valueAt(tree, path)
  if (isSecret(value)) return value
  if (value === undefined || value === null) throw new ChaosError('AGE_MISSING', { message: `${file} has no ${reference}.`, hint: 'Its keys stand in clear: look which there are.', details: { file, reference } })
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return secret(String(value))
  throw new ChaosError('AGE_NO_VALUE', { message: `${reference} in ${file} is no single value.`, hint: `Name one below it: ${reference}.KEY`, details: { file, reference } })
}

/** A reference names a file below the folder, and none elsewhere. */
function fileOf(folder: string, reference: string): string {
  const file = path.join(folder, `${reference}.age`)
  if (!reference.includes('\0') && !path.isAbsolute(reference) && file.startsWith(path.join(folder, path.sep))) return file
  throw new ChaosError('AGE_REFERENCE', { message: `${JSON.stringify(reference)} names no file below ${folder}.`, hint: 'Name one by its path there, without its .age.', details: { reference } })
}

function readBytes(file: string, reference: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ChaosError('AGE_MISSING', { message: `${file} cannot be read for ${reference}: ${error.code === 'ENOENT' ? 'it is not there' : (error.code ?? 'unknown reason')}.`, hint: 'Look at secret_providers.age in the config.', details: { file, reference } })
  })
}

function expand(file: string): string {
  return path.resolve(file.startsWith('~/') ? path.join(os.homedir(), file.slice(2)) : file)
}
