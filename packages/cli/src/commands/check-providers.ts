import { ChaosError, isChaosError } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { Config } from '../config.ts'
import { atOnce } from '../at-once.ts'
import { kindOf, openProvider } from '../provider-config.ts'
import { providerContext } from '../provider-context.ts'
import { ownVersion } from '../own-package.ts'
import { escapeLine } from '../render/escape.ts'
import { count } from '../render/words.ts'
import { SECRETS_FILE } from '../secret-reader.ts'
import { keysOfSecrets } from '../secrets/key-list.ts'
import { readSecretsFile } from '../secrets/open.ts'
import { placeOf } from '../secrets/place.ts'

/** Seconds that a provider may take to say how it is. */
const LIMIT = 30

interface Row {
  name: string
  package: string
  version: string | undefined
  /** Only where it was asked for: whether it can be used now, and what it says of itself. */
  ready?: boolean
  text?: string
}

/** `chaos check providers`: where each is from, and with `status` whether it can be used now. Without, nothing of them is imported. */
export async function checkProviders(plugins: Plugins, config: Config, { status }: { status: boolean }): Promise<[rows: Row[], text: string[]]> {
  const rows: Row[] = plugins.list('providers').map(({ name, package: from }) => ({ name, package: from, version: plugins.packages.find((each) => each.name === from)?.version }))
  rows.push({ name: SECRETS_FILE, package: '@chaos/cli', version: ownVersion() })
  rows.sort((a, b) => (a.name < b.name ? -1 : 1))
  if (status) await Promise.all(rows.map(async (row) => void Object.assign(row, await (row.name === SECRETS_FILE ? statusOfFile() : statusOf(row.name, plugins, config)))))
  const width = Math.max(0, ...rows.map(({ name }) => name.length))
  return [rows, rows.flatMap((row) => [`${row.name.padEnd(width)}  ${row.package} ${row.version ?? ''}`.trimEnd(), ...(row.text === undefined ? [] : [`${' '.repeat(width)}  ${row.ready ? 'ready' : 'not ready'}: ${escapeLine(row.text)}`])])]
}

/** Nothing is decrypted: that may ask for a passphrase. */
async function statusOfFile(): Promise<{ ready: boolean; text: string }> {
  try {
    const { file } = await placeOf({})
    return { ready: true, text: `${file}, with ${count((await keysOfSecrets(await readSecretsFile(file), file)).length, 'key')}` }
  } catch (error) {
    if (!isChaosError(error)) throw error
    return { ready: false, text: error.message }
  }
}

/** A provider that is not set up is no failure of the question. */
async function statusOf(name: string, plugins: Plugins, config: Config): Promise<{ ready: boolean; text: string }> {
  try {
    const { provider, section } = await openProvider(name, plugins, config)
    const { status } = provider
    if (!status) return { ready: true, text: 'It does not say.' }
    const { createRedactor } = await import('@chaos/engine')
    const given = await providerContext(Promise.resolve(createRedactor()))
    return await atOnce(`the provider ${name} was asked`, async (signal, stop) => {
      const timer = setTimeout(() => stop(new ChaosError('PROVIDER_STATUS', { message: `It gave no answer within ${LIMIT} seconds.` })), LIMIT * 1000)
      try {
        return await status({ ...given(signal), config: section })
      } finally {
        clearTimeout(timer)
      }
    })
  } catch (error) {
    if (isChaosError(error) && error.code === 'INTERRUPTED') throw error
    return { ready: false, text: isChaosError(error) ? error.message : `It failed with ${kindOf(error)}.` }
  }
}
