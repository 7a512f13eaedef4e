import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { revealSecret } from '@chaos/core'
import { encryptSops, newIdentity } from '@chaos/sops'
import type { Desk } from '../../command-line.ts'

const PACKAGES = path.join(import.meta.dirname, '../../../..')
export const ARN = 'arn:aws:kms:us-east-1:1:key/'

export interface SopsBench {
  readonly file: string
  /** The config of sops, with a rule for the file. */
  readonly config: string
  /** The key of the cloud. */
  readonly arn: string
  /** For the stand-in: where it is found, and what it knows. */
  readonly env: Record<string, string>
  /** What the stand-in was called with. */
  calls(): { words: string[]; tmp: string }[]
  rule(text: string): void
}

/** Gives a desk a secrets file whose only key is one of a cloud, and a program `sops` that has this key. */
export async function addSops(desk: Desk, plain: string): Promise<SopsBench> {
  const { identity, recipient } = await newIdentity()
  const file = desk.write('secrets.yml', '')
  const config = desk.write('sops-config.yml', '')
  const arn = ARN + recipient
  const text = await encryptSops(plain, { file, groups: [[{ kind: 'age', id: recipient }]] })
  writeFileSync(file, text.replace(/^( +)age:$/m, '$1kms:').replace(/^( +)recipient: .*$/m, `$1arn: ${arn}\n$1created_at: "2024-01-01T00:00:00Z"`))
  desk.write('config/config.yml', `secrets_file: ${file}\nsops_file: ${config}\n`)

  const log = path.join(desk.folder, 'bin/calls')
  const program = desk.write('bin/sops', `#!${process.execPath}\nimport(${JSON.stringify(path.join(desk.folder, 'bin/stand-in.mjs'))})\n`)
  chmodSync(program, 0o755)
  desk.write('bin/stand-in.mjs', readFileSync(path.join(import.meta.dirname, 'stand-in.mjs'), 'utf8'))
  mkdirSync(path.join(desk.folder, 'bin/node_modules/@chaos'), { recursive: true })
  for (const name of ['core', 'sops']) symlinkSync(path.join(PACKAGES, name), path.join(desk.folder, 'bin/node_modules/@chaos', name))
  symlinkSync(path.join(PACKAGES, 'sops/node_modules/yaml'), path.join(desk.folder, 'bin/node_modules/yaml'))
  const rule = (text: string): void => writeFileSync(config, `creation_rules:\n  - path_regex: secrets\\.yml$\n${text}`)
  rule(`    kms: ${arn}\n`)
  return {
    file, config, arn, rule,
    env: { PATH: `${path.join(desk.folder, 'bin')}:${process.env['PATH']}`, STAND_IN_IDENTITY: revealSecret(identity), STAND_IN_LOG: log },
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { words: string[]; tmp: string }) : []),
  }
}
