import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { ChaosError, revealSecret, secret } from '@chaos/core'
import { checkRecipient, encryptSops, isSops, newIdentity, ownIdentityFile, readIdentities, readSopsConfig } from '@chaos/sops'
import type { MasterKey } from '@chaos/sops'
import { configDirectory, configFile, setConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import type { InitSecretsOptions } from '../program/options.ts'
import { askText, askYesNo, canAsk } from '../prompt.ts'
import { sopsConfigText } from '../secrets/config-text.ts'
import { runProgram } from '../secrets/run-program.ts'
import { createFile, replaceFile } from '../secrets/write.ts'

/** Encrypted as well: comments of a secrets file are. */
const SAMPLE = '# user_secrets:\n#   ana: { password: "$6$…" }\n'

const tell = (line: string): void => void process.stderr.write(`${line}\n`)

/** `chaos init secrets`: an age key, the config of sops and an empty secrets file. What is there already stays. */
export async function run(options: InitSecretsOptions): Promise<number> {
  const files = {
    key: ownIdentityFile(),
    sops: path.resolve(options.sopsFile ?? path.join(configDirectory(), 'sops-config.yml')),
    secrets: path.resolve(options.secretsFile ?? path.join(configDirectory(), 'secrets.yml')),
  }
  if (!options.yes && !canAsk()) throw new ChaosError('NO_TERMINAL', { message: 'There is no terminal to ask on what is to be made.', hint: 'Add --yes (-y), and --recipient for each who may read the secrets besides you.' })
  const others = await recipientsOf(options)
  if (!options.yes && !(await agreed(files))) return EXIT.failed

  for (const file of Object.values(files)) await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const own = await ownRecipients(files.key)
  if (existsSync(files.sops)) tell(`${files.sops} is there, and stays as it is.`)
  else {
    await createFile(files.sops, sopsConfigText(files.secrets, [...own, ...others]), 0o644)
    tell(`Written: ${files.sops}`)
  }
  await makeSecrets(files.secrets, files.sops)
  await setConfig(['sops_file'], files.sops)
  await setConfig(['secrets_file'], files.secrets)
  tell(`${configFile()}: secrets_file and sops_file name them.\nNext: chaos secrets set app.password, and \${secret:sops:app.password} in the Ch-obolo; chaos secrets edit shows the whole file`)
  return EXIT.done
}

async function recipientsOf({ recipient, yes }: InitSecretsOptions): Promise<MasterKey[]> {
  const given = recipient ?? (yes ? [] : ((await askText('Who else may read them? age1… or PGP fingerprints, parted by spaces; nothing = only you')) ?? interrupted()).split(/[\s,]+/).filter(Boolean))
  const keys = given.map((id): MasterKey => ({ kind: /^[0-9A-Fa-f]{40}$/.test(id) ? 'pgp' : 'age', id }))
  for (const { kind, id } of keys) if (kind === 'age') await checkRecipient(id, '--recipient')
  return keys
}

async function agreed(files: Readonly<Record<string, string>>): Promise<boolean> {
  const made = Object.values(files).filter((file) => !existsSync(file))
  const answer = await askYesNo(made.length === 0 ? 'All files are there. Name them in the config?' : `Make ${made.join(', ')}?`, { initial: true })
  return answer ?? interrupted()
}

async function ownRecipients(file: string): Promise<MasterKey[]> {
  if (existsSync(file)) {
    tell(`${file} is there, and is used.`)
    return (await readIdentities([secret(await readFile(file, 'utf8'))])).map(({ recipient }) => ({ kind: 'age', id: recipient }))
  }
  const { identity, recipient } = await newIdentity()
  await createFile(file, revealSecret(identity), 0o600)
  tell(`Written: ${file}, your key. Who loses it cannot read the secrets again: keep a copy where nobody else finds it.`)
  return [{ kind: 'age', id: recipient }]
}

async function makeSecrets(file: string, sops: string): Promise<void> {
  const before = existsSync(file) ? await readFile(file, 'utf8') : undefined
  if (before !== undefined && isSops(before, { file })) return tell(`${file} is there, and stays as it is.`)
  const text = await encryptSops(before ?? (file.endsWith('.json') ? '{}\n' : SAMPLE), { file, ...readSopsConfig(sops, file), run: runProgram })
  await (before === undefined ? createFile(file, text, 0o600) : replaceFile(file, before, text))
  tell(before === undefined ? `Written: ${file}` : `${file} was in clear, and is encrypted now.`)
}

function interrupted(): never {
  throw new ChaosError('INTERRUPTED', { message: 'The question was not answered.' })
}
