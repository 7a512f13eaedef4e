import { ChaosError, defineProvider, isChaosError, nearest, secret } from '@chaos/core'
import type { ProviderContext, Secret } from '@chaos/core'
import { config } from './config.ts'
import { partOf, referenceTo, wanted } from './entry.ts'
import { MAX_OUTPUT, entries, gopass } from './program.ts'

/** Entries of the stores of gopass: `${secret:gopass:db/password}`. */
export default defineProvider({
  config,
  about: 'Entries of the stores of gopass.',

  async read(reference, context) {
    const one = wanted(reference)
    // Opened once, however many of its lines are asked for.
    const entry = await context.cache(`provider-gopass:${one.name}`, () => open(one.name, context))
    return entry.map((text) => partOf(text, one))
  },

  async write(reference, value, context) {
    const { name } = wanted(reference)
    const names = await entries(context)
    if (names === undefined) {
      // It says that it stored something, and stores nothing: it takes a password from a terminal alone.
      throw new ChaosError('GOPASS_OTHER', { message: `The gopass here is the one of Debian, which cannot store ${name} for a program.`, hint: 'Install gopass of gopass.pw, or store with pass: both read the same store.', details: { name } })
    }
    if (names.includes(name)) throw exists(name)
    let found = name
    const content = value.map((text) => {
      found = referenceTo(name, text)
      return text
    })
    // Without --force it does not overwrite either, were there an entry by now.
    const { code } = await gopass(['insert', name], context, content)
    if (code === 3) throw exists(name)
    if (code !== 0) throw new ChaosError('GOPASS_NOT_WRITTEN', { message: `gopass ended with ${code} and did not store ${name}.`, hint: `Try by hand: gopass insert ${name}`, details: { name, code } })
    return found
  },

  async status(context) {
    try {
      const names = await entries(context)
      return { ready: true, text: names === undefined ? 'It is the gopass of Debian, of one store, and nothing can be stored with it.' : `It has ${names.length} entries in its stores; it asks for a passphrase if it needs one.` }
    } catch (error) {
      return { ready: false, text: isChaosError(error) ? error.message : 'The program gopass is not there.' }
    }
  },
})

async function open(name: string, context: ProviderContext): Promise<Secret> {
  let names = await context.cache('provider-gopass:names', () => entries(context))
  // Perhaps stored since.
  if (names && !names.includes(name)) names = await entries(context)
  // Asked for by name, a folder would be listed, and the list taken for a secret.
  if (names && !names.includes(name)) throw missing(name, names)
  const { code, stdout, stderr } = await gopass(names ? ['show', '--unsafe', '--noparsing', name] : ['show', name], context)
  if (code !== 0 && !names && stderr.includes('could not find password')) throw missing(name, [])
  if (code !== 0) {
    throw new ChaosError('GOPASS_FAILED', { message: `gopass ended with ${code} and did not open the entry ${name}.`, hint: `No key here opens it, or nobody gave the passphrase. Run it by hand: gopass show ${name}. What it says is not shown here, because it may hold the secret.`, details: { name, code } })
  }
  // The one of Debian shows whatever there is with one line end, and so an empty entry too.
  const empty = !names && stdout.toString() === '\n'
  return empty ? secret('') : asText(stdout, name)
}

function asText(bytes: Uint8Array, name: string): Secret {
  if (bytes.length >= MAX_OUTPUT) throw new ChaosError('GOPASS_NO_TEXT', { message: `The entry ${name} has more than ${MAX_OUTPUT / 1024} KB, which is no secret.`, details: { name } })
  try {
    return secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new ChaosError('GOPASS_NO_TEXT', { message: `The entry ${name} holds bytes that are no text.`, hint: 'Store them in base64.', details: { name } })
  }
}

function missing(name: string, names: readonly string[]): ChaosError {
  const [meant] = nearest(name, [...names])
  const hint = names.some((each) => each.startsWith(`${name}/`)) ? 'It is a folder: name an entry in it.' : meant === undefined ? 'gopass ls shows which there are.' : `Did you mean ${meant}?`
  return new ChaosError('GOPASS_MISSING', { message: `gopass has no entry ${name}.`, hint, details: { name } })
}

function exists(name: string): ChaosError {
  return new ChaosError('GOPASS_EXISTS', { message: `gopass has an entry ${name} already, which is not overwritten.`, hint: `Choose another name, or remove it first: gopass rm ${name}`, details: { name } })
}
