import { Buffer } from 'node:buffer'
import { ChaosError, defineProvider, secret } from '@chaos/core'
import type { PluginContext, ProviderContext, Secret } from '@chaos/core'
import { config } from './config.ts'
import type { PassConfig } from './config.ts'
import { partOf, referenceTo, wanted } from './entry.ts'
import { folderOf, has, isStore, missing, mustBeStore } from './store.ts'

/** Seconds: somebody may have to find the window, and type a passphrase. */
const TIMEOUT = 60
/** Bytes of an entry: more is no password. */
const MAX_OUTPUT = 1024 * 1024

/** Entries of the password store of pass: `${secret:pass:db/password}`. */
export default defineProvider({
  config,
  about: 'Entries of the password store of pass.',

  async read(reference, context) {
    const one = wanted(reference)
    const folder = folderOf((context.config as PassConfig | undefined)?.store)
    if (!has(folder, one.name)) throw await missing(folder, one.name)
    // Opened once, however many of its lines are asked for.
    const entry = await context.cache(`provider-pass:${folder}:${one.name}`, () => open(folder, one.name, context))
    return entry.map((text) => partOf(text, one))
  },

  async write(reference, value, context) {
    const { name } = wanted(reference)
    const folder = folderOf((context.config as PassConfig | undefined)?.store)
    mustBeStore(folder)
    // pass itself overwrites without a question where nobody is at a terminal.
    if (has(folder, name)) throw new ChaosError('PASS_EXISTS', { message: `The password store ${folder} has an entry ${name} already, which is not overwritten.`, hint: `Choose another name, or remove it first: pass rm ${name}`, details: { folder, name } })
    let found = name
    const content = value.map((text) => {
      found = referenceTo(name, text)
      return text
    })
    const { code } = await run(['insert', '--multiline', '--force', name], folder, context, content)
    if (code !== 0) throw new ChaosError('PASS_NOT_WRITTEN', { message: `pass ended with ${code} and did not store ${name}.`, hint: `Try by hand: pass insert ${name}. Often a public key of those in .gpg-id is not there, or not trusted.`, details: { folder, name, code } })
    return found
  },

  async status(context) {
    const folder = folderOf((context.config as PassConfig | undefined)?.store)
    if (!isStore(folder)) return { ready: false, text: `There is no password store in ${folder}.` }
    const there = await context.run(['pass', 'version']).then(({ code }) => code === 0, () => false)
    return there ? { ready: true, text: `It reads ${folder}; gpg asks for the passphrase if it needs one.` } : { ready: false, text: 'The program pass is not there.' }
  },
})

async function open(folder: string, name: string, context: ProviderContext): Promise<Secret> {
  const { code, stdout, stderr } = await run(['show', name], folder, context)
  if (code !== 0) throw notOpened(name, code, stderr)
  const bytes = Buffer.from(stdout, 'base64')
  if (bytes.length > MAX_OUTPUT) throw new ChaosError('PASS_NO_TEXT', { message: `The entry ${name} has more than ${MAX_OUTPUT / 1024} KB, which is no secret.`, details: { name } })
  try {
    return secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new ChaosError('PASS_NO_TEXT', { message: `The entry ${name} holds bytes that are no text.`, hint: 'Store them in base64.', details: { name } })
  }
}

function run(args: readonly string[], folder: string, context: ProviderContext, stdin?: Secret): ReturnType<PluginContext['run']> {
  const timeout = (context.config as PassConfig | undefined)?.timeout ?? TIMEOUT
  // The status lines of gpg are the same in every language, and for programs.
  const options = `${process.env['PASSWORD_STORE_GPG_OPTS'] ?? ''} --status-fd=2`.trim()
  return context.run(['pass', ...args], { timeout, maxOutput: MAX_OUTPUT + 1, encoding: 'base64', env: { PASSWORD_STORE_DIR: folder, PASSWORD_STORE_GPG_OPTS: options }, ...(stdin && { stdin }) })
}

/** Why gpg did not open it; what it said itself is not shown. */
function notOpened(name: string, code: number, said: string): ChaosError {
  const details = { name, code }
  if (/^\[GNUPG:\] PINENTRY_LAUNCHED /m.test(said)) {
    return new ChaosError('PASS_LOCKED', { message: `The key for the entry ${name} is locked, and its passphrase was not given.`, hint: `Unlock it before: pass show ${name}. gpg then remembers it for a while. Or let gpg ask in a window: pinentry-program in gpg-agent.conf.`, details })
  }
  if (/^\[GNUPG:\] DECRYPTION_FAILED/m.test(said)) {
    return new ChaosError('PASS_NO_KEY', { message: `No secret key here opens the entry ${name}.`, hint: 'Import the key, or have the entry encrypted for yours: pass init with both keys. gpg --list-secret-keys shows which are here.', details })
  }
  return new ChaosError('PASS_FAILED', { message: `pass ended with ${code} and gave no entry ${name}.`, hint: `Run it by hand: pass show ${name}. What it says is not shown here, because it may hold the secret.`, details })
}
