// A stand-in for the sops binary, true to its documented command line: options, exit codes, what goes to stdout and stderr, where an
// edit keeps the clear text. In place of AWS it has an age identity: a key `kms` whose ARN ends in the recipient is that recipient's.
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { revealSecret, secret } from '@chaos/core'
import { creationRule, decryptSops, editSops, rekeySops, rotateSops, setValue } from '@chaos/sops'
import { isMap, parse, parseDocument, stringify } from 'yaml'

const { STAND_IN_IDENTITY, STAND_IN_LOG, STAND_IN = '' } = process.env
const ARN = 'arn:aws:kms:us-east-1:1:key/'
const words = process.argv.slice(2)
appendFileSync(STAND_IN_LOG, `${JSON.stringify({ words, tmp: os.tmpdir() })}\n`)
const config = words[0] === '--config' ? words.splice(0, 2)[1] : undefined

class Exit extends Error {
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

/** What sops calls each of our errors. */
const CODES = { SOPS_MAC: [51, 'MAC mismatch. File has x, computed y'], SOPS_VALUE: [25, 'Error decrypting tree: Could not decrypt value: cipher: message authentication failed'], SOPS_NO_KEY: [128, 'Failed to get the data key required to decrypt the SOPS file.'] }

/** The file with the keys of its `sops` changed. */
function keysChanged(text, change) {
  const { sops, ...tree } = parse(text)
  void tree
  const document = parseDocument(text)
  document.set('sops', document.createNode(change(sops)))
  return document.toString({ indent: 4, lineWidth: 0 })
}
const toAge = (text) => keysChanged(text, ({ kms = [], age = [], ...more }) => ({ ...more, age: [...age, ...kms.map(({ arn, enc }) => ({ recipient: arn.slice(ARN.length), enc }))] }))
const toKms = (text, own) => keysChanged(text, ({ age = [], ...more }) => {
  const kms = age.filter(({ recipient }) => own.includes(recipient)).map(({ recipient, enc }) => ({ arn: ARN + recipient, created_at: '2024-01-01T00:00:00Z', enc }))
  const others = age.filter(({ recipient }) => !own.includes(recipient))
  return { ...(kms.length > 0 && { kms }), ...(others.length > 0 && { age: others }), ...more }
})
const owned = (text) => (parse(text).sops.kms ?? []).map(({ arn }) => arn.slice(ARN.length))

/** Reads the file, has it changed, and writes it where it is. */
async function inPlace(file, change) {
  const text = readFileSync(file, 'utf8')
  const after = await change(toAge(text), { file, identities: [secret(STAND_IN_IDENTITY)] }, text)
  if (after !== undefined) writeFileSync(file, after)
}

async function plainOf(file) {
  const opened = await decryptSops(toAge(readFileSync(file, 'utf8')), { file, identities: [secret(STAND_IN_IDENTITY)] })
  return parseDocument(revealSecret(opened.text)).toString({ indent: 4, lineWidth: 0 })
}

async function edit(file) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sops'))
  try {
    const temporary = path.join(folder, path.basename(file))
    const before = await plainOf(file)
    writeFileSync(temporary, before, { mode: 0o600 })
    const editor = process.env.SOPS_EDITOR || process.env.EDITOR || 'vi'
    if (spawnSync('/bin/sh', ['-c', `${editor} "$1"`, 'sh', temporary], { stdio: 'inherit' }).status !== 0) throw new Exit(201, 'Could not run editor: exit status 1')
    const after = readFileSync(temporary, 'utf8')
    if (after === before) throw new Exit(200, 'File has not changed, exiting.')
    if (!isMap(parseDocument(after).contents)) throw new Exit(201, 'Could not load tree')
    await inPlace(file, async (text, options, own) => toKms(await editSops(text, after, options), owned(own)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run() {
  if (STAND_IN === 'hangs') return new Promise(() => setInterval(() => undefined, 1000))
  if (STAND_IN === 'prints rubbish') return process.stdout.write('canary: [rubbish\n')
  if (STAND_IN === 'is cut off') return process.stdout.write((await plainOf(words.at(-1))).slice(0, 25))
  if (STAND_IN === 'has no key') throw new Exit(128, 'Failed to get the data key required to decrypt the SOPS file.')
  const file = words.at(-1)
  if (words[0] === '--decrypt') return process.stdout.write(await plainOf(file))
  if (words[0] === '--rotate' && words[1] === '--in-place') return inPlace(file, async (text, options, own) => toKms(await rotateSops(text, options), owned(own)))
  if (words[0] === 'set') {
    if (STAND_IN === 'is old') {
      process.stdout.write('Incorrect Usage: flag provided but not defined: -value-stdin\n\nNAME:\n   sops set\n')
      throw new Exit(1, 'flag provided but not defined: -value-stdin')
    }
    const [, , target, index] = words
    const value = JSON.parse(readFileSync(0, 'utf8'))
    return inPlace(target, async (text, options, own) => {
      const { text: plain } = await decryptSops(text, options)
      return toKms(await editSops(text, setValue(plain, JSON.parse(index.replaceAll('][', ',')), value, options), options), owned(own))
    })
  }
  if (words[0] === 'updatekeys' && words[1] === '--yes') {
    const { groups } = creationRule(readFileSync(config, 'utf8'), config, file)
    const keys = groups.flat().map(({ kind, id }) => ({ kind: 'age', id: kind === 'kms' ? id.slice(ARN.length) : id }))
    process.stdout.write(`The following changes will be made to the file's groups:\n${stringify(keys)}`)
    return inPlace(file, async (text, options) => toKms(await rekeySops(text, { groups: [keys] }, options), groups.flat().filter(({ kind }) => kind === 'kms').map(({ id }) => id.slice(ARN.length))))
  }
  if (words.length === 1 && !file.startsWith('-')) return edit(file)
  throw new Exit(1, 'Incorrect Usage')
}

try {
  await run()
} catch (error) {
  const [code, message] = error instanceof Exit ? [error.code, error.message] : (CODES[error.code] ?? [1, error.stack])
  process.stderr.write(`${message}\n`)
  process.exitCode = code
}
