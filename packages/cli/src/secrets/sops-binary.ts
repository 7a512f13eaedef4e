import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { quote, revealSecret, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { checkPlain, configFor, inspectSops, openedBy, setValue, valueAt } from '@chaos/sops'
import type { Decrypted, Recipients, SopsPath } from '@chaos/sops'
import type { OpenForChange, Sealed } from './open.ts'
import { secretsFolder } from './private-file.ts'
import { runProgram } from './run-program.ts'
import { sopsFailure, sopsOdd } from './sops-failure.ts'

/** Seconds: somebody may have to type a passphrase, or touch a key. */
const TIMEOUT = 120
const MAX_OUTPUT = 64 * 1024 * 1024
/** File has not been modified. */
const UNCHANGED = 200

/** The program `sops`, for files whose keys are not known here. It works on copies: the file itself is replaced as a whole, by us. */
export interface SopsBinary {
  decrypt(sealed: Sealed): Promise<Decrypted>
  openForChange(sealed: Sealed, options: { allowDisk: boolean }): Promise<OpenForChange>
  forRecipients(sealed: Sealed, options: { recipients: Recipients; fresh: boolean }): Promise<string>
}

/** `env` goes to sops alone; `timeout` is in seconds. Every method throws PROGRAM_MISSING where there is no sops. */
export function sopsBinary(env: Readonly<Record<string, string>>, { timeout = TIMEOUT } = {}): SopsBinary {
  // The long options are older than the subcommands of the same name, and understood by both. No editor is ever opened by mistake.
  const run = (args: readonly string[], { stdin, env: more }: { stdin?: Secret; env?: Readonly<Record<string, string>> } = {}) =>
    runProgram(['sops', ...args], { timeout, maxOutput: MAX_OUTPUT, env: { EDITOR: 'false', SOPS_EDITOR: 'false', ...env, ...more }, ...(stdin && { stdin }) })

  async function decrypt(sealed: Sealed): Promise<Decrypted> {
    const { file, text } = sealed
    const { code, stdout } = await run([...configOf(sealed), '--decrypt', file])
    if (code !== 0) throw sopsFailure({ file, code, byHand: `sops --decrypt ${quote(file)}` })
    if (Buffer.byteLength(stdout) >= MAX_OUTPUT) throw sopsOdd(file, 'what the sops binary prints of it is too much', 'Look at what sops on your PATH is.')
    return openedBy(text, secret(stdout), { file })
  }

  return {
    decrypt,
    async openForChange(sealed, options) {
      const opened = await decrypt(sealed)
      return { text: opened.text, seal: (plain) => edit(sealed, plain, options), set: (at, value) => set(sealed, opened, { at, value }) }
    },
    forRecipients: (sealed, { recipients: { groups, threshold }, fresh }) =>
      onCopy(sealed, { allowDisk: true }, async (copy, folder) => {
        const { file, sops = '' } = sealed
        // The rule for the file, for the copy.
        const config = await writePrivate(path.join(folder, '.chaos-config.yaml'), secret(configFor(await readFile(sops, 'utf8'), sops, file)))
        const quorum = groups.length > 1 ? ['--shamir-secret-sharing-threshold', String(threshold ?? groups.length)] : []
        const { code } = await run(['--config', config, 'updatekeys', '--yes', ...quorum, copy])
        if (code !== 0) throw sopsFailure({ file, code, byHand: `sops --config ${quote(sops)} updatekeys ${quote(file)}` })
        if (!fresh) return
        const rotated = await run(['--config', config, '--rotate', '--in-place', copy])
        if (rotated.code !== 0) throw sopsFailure({ file, code: rotated.code, byHand: `sops --rotate --in-place ${quote(file)}` })
      }),
  }

  async function set(sealed: Sealed, now: Decrypted, { at, value }: { at: SopsPath; value: Secret }): Promise<string> {
    const { file, text } = sealed
    // Says what is wrong with the place, better than sops.
    setValue(now.text, at, value, { file })
    if (valueAt(now.plain(), at) === revealSecret(value)) return text
    // The copy is encrypted, and may be on a disk.
    return onCopy(sealed, { allowDisk: true }, async (copy) => {
      const { code, stdout, stderr } = await run([...configOf(sealed), 'set', '--value-stdin', copy, indexOf(at)], { stdin: value.map((each) => JSON.stringify(each)) })
      if (code === 0) return
      // One that does not know the subcommand takes it for a file to edit.
      if (code === 201 || /(not defined|unknown).*value-stdin/.test(`${stdout}${stderr}`)) throw sopsOdd(file, 'this sops binary takes no value over stdin, and arguments are seen by others', 'Install sops 3.11 or newer, or change the value with `chaos secrets edit`.')
      throw sopsFailure({ file, code, byHand: `sops ${quote(file)}` })
    })
  }

  /** By `sops FILE`, whose editor is a program that moves the new text to where sops wants it: there once, so that sops cannot ask again and again. */
  async function edit(sealed: Sealed, plain: Secret, options: { allowDisk: boolean }): Promise<string> {
    const { file } = sealed
    checkPlain(plain, { file })
    return onCopy(sealed, options, async (copy, folder) => {
      const text = await writePrivate(path.join(folder, '.chaos-text'), plain)
      const editor = `mv -f ${quote(text)}`
      const { code } = await run([...configOf(sealed), copy], { env: { EDITOR: editor, SOPS_EDITOR: editor, TMPDIR: folder } })
      if (code !== 0 && code !== UNCHANGED) throw sopsFailure({ file, code, byHand: `sops ${quote(file)}` })
    })
  }
}

/** What a change of a copy makes of the file; nothing is left of the copy. */
async function onCopy({ file, text }: Sealed, options: { allowDisk: boolean }, change: (copy: string, folder: string) => Promise<void>): Promise<string> {
  const { path: folder, remove } = secretsFolder(options)
  try {
    const copy = await writePrivate(path.join(folder, path.basename(file)), secret(text))
    await change(copy, folder)
    const after = await readFile(copy, 'utf8').catch(() => '')
    if (after === text) return text
    inspected(after, file)
    return after
  } finally {
    remove()
  }
}

async function writePrivate(file: string, text: Secret): Promise<string> {
  await writeFile(file, revealSecret(text), { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    throw sopsOdd(file, `what the sops binary is to work on cannot be put there: ${error.code ?? 'unknown reason'}`, 'Look at whether there is room.')
  })
  return file
}

function inspected(after: string, file: string): void {
  try {
    if (inspectSops(after, { file }).mac !== undefined) return
  } catch {
    // Said below.
  }
  throw sopsOdd(file, 'the sops binary left no encrypted file. What was there is as it was', 'Look at what sops on your PATH is.')
}

function configOf({ sops }: Sealed): string[] {
  return sops === undefined ? [] : ['--config', sops]
}

/** `["users"]["ana"][0]` */
function indexOf(at: SopsPath): string {
  return at.map((step) => `[${JSON.stringify(step)}]`).join('')
}
