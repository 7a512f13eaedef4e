import { Buffer } from 'node:buffer'
import { ChaosError, defineProvider, secret } from '@chaos/core'
import { PLACE, argvFor, config } from './config.ts'
import type { ExecConfig } from './config.ts'

/** Seconds. */
const TIMEOUT = 30
/** Bytes of a secret: more is rubbish. */
const MAX_OUTPUT = 1024 * 1024

/** Reads what a program of the controller prints: `${secret:exec:db/password}`. */
export default defineProvider({
  config,
  about: 'What a program prints.',

  async read(reference, context) {
    const { command, timeout = TIMEOUT } = configured(context.config, reference)
    const [program = ''] = command
    const failed = (code: string, message: string, hint: string, details: Record<string, unknown> = {}): ChaosError =>
      // Neither its output nor its messages: both may hold the secret.
      new ChaosError(code, { message: `${program} ${message}`, hint, details: { program, reference, ...details } })
    if (reference.includes('\0') || (reference.startsWith('-') && command.every((each) => each === PLACE || !each.includes(PLACE)))) {
      throw failed('EXEC_REFERENCE', `would take the reference ${JSON.stringify(reference)} for an option.`, 'A reference does not begin with a dash.')
    }
    const { code, stdout } = await context.run(argvFor(command, reference), { timeout, maxOutput: MAX_OUTPUT + 1, encoding: 'base64' })
    if (code !== 0) throw failed('EXEC_FAILED', `ended with ${code} and gave no secret for ${reference}.`, 'Run it by hand: what it says is not shown here, because it may hold the secret.', { code })
    const bytes = Buffer.from(stdout, 'base64')
    if (bytes.length > MAX_OUTPUT) throw failed('EXEC_OUTPUT', `printed more than ${MAX_OUTPUT / 1024} KB for ${reference}, which is no secret.`, 'Let it print the secret alone.')
    const text = textOf(bytes)?.replace(/\r?\n$/, '')
    if (text === undefined) throw failed('EXEC_OUTPUT', `printed bytes for ${reference} that are no text.`, 'Let it print them in base64.')
    if (text === '') throw failed('EXEC_EMPTY', `printed nothing for ${reference}.`, 'Run it by hand. Many programs print nothing for what they do not have.')
    return secret(text)
  },

  status: async ({ config: section }) => {
    if (section === undefined) return { ready: false, text: 'No command is configured.' }
    return { ready: true, text: `It runs ${(section as ExecConfig).command[0] as string} on this machine, for each secret that is needed.` }
  },
})

function configured(section: unknown, reference: string): ExecConfig {
  if (section !== undefined) return section as ExecConfig
  throw new ChaosError('EXEC_COMMAND', { message: `No program is configured that could give ${reference}.`, hint: 'Name it under secret_providers: exec: { command: [program, argument] }', details: { reference } })
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
