import { readFile, stat } from 'node:fs/promises'
import { ChaosError, defineProvider, secret } from '@chaos/core'
import * as z from '@chaos/operations/zod'

const config = z.strictObject({
  file: z.string().min(1).describe('A JSON file of the controller that only its owner can read.'),
})

/** A provider turns a reference into a Secret, which nothing shows: not a log, not an error, not a plan. */
export default defineProvider({
  about: 'Secrets from a JSON file.',
  config,
  async read(reference, { config: { file } }) {
    const found = (await secretsOf(file))[reference]
    // Never a value in a message: what is wrong, where, and what to do.
    if (typeof found !== 'string') throw new ChaosError('SECRET_MISSING', { message: `${file} holds no text under ${reference}.`, hint: 'Look at the reference, or add it there.' })
    return secret(found)
  },
  async status({ config: { file } }) {
    const names = Object.keys(await secretsOf(file)).length
    return { ready: true, text: `${file} holds ${names} secrets.` }
  },
})

async function secretsOf(file: string): Promise<Record<string, unknown>> {
  const { mode } = await stat(file).catch(() => ({ mode: 0 }))
  if ((mode & 0o077) !== 0) throw new ChaosError('SECRETS_OPEN', { message: `${file} can be read by others.`, hint: `chmod 600 ${file}` })
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // What JSON.parse says may quote the secret.
  }
  throw new ChaosError('SECRETS_UNREADABLE', { message: `${file} cannot be read as a JSON object.`, hint: 'Look whether it is there, and what it holds.' })
}
