import { Argument } from 'commander'
import type { Command } from 'commander'
import type { SecretsFileOptions } from '../secrets/files.ts'
import type { RotateOptions, SecretsEditOptions, SecretsListOptions, SecretsReadOptions } from './options.ts'
import { add, secretsFiles, wholeNumber } from './parts.ts'
import type { Start } from './start.ts'

/** `chaos secrets …` */
export function addSecrets(program: Command, start: Start): void {
  const secrets = add(program, 'secrets', 'encrypted secrets of a sops file: show, change, and for whom')
  secretsFiles(add(secrets, 'print', 'print the whole file in clear'))
    .option('-j, --json', 'as JSON')
    .action((options: SecretsReadOptions) => start(() => import('../commands/secrets-read.ts'), 'print', [], options))
  secretsFiles(add(secrets, 'cat', 'print single secrets').argument('<key...>', 'users.ana.tokens[0]'))
    .option('-j, --json', 'one JSON object for each')
    .option('-v, --values', 'only the values')
    .action((keys: string[], options: SecretsReadOptions) => start(() => import('../commands/secrets-read.ts'), 'cat', keys, options))
  secretsFiles(add(secrets, 'set', 'set one secret, from stdin or a question').argument('<key>', 'users.ana.tokens[0]'))
    .action((key: string, options: SecretsFileOptions) => start(() => import('../commands/secrets-set.ts'), key, options))
  secretsFiles(add(secrets, 'edit', 'open the file in $EDITOR, in memory, and encrypt it again'))
    .option('-s, --sops', 'the config of sops instead')
    .option('--allow-disk', 'in a temporary file where there is no /dev/shm in memory')
    .action((options: SecretsEditOptions) => start(() => import('../commands/secrets-edit.ts'), options))
  secretsFiles(add(secrets, 'update', 'encrypt the file for whom the config of sops says'))
    .action((options: SecretsFileOptions) => start(() => import('../commands/secrets-update.ts'), options))

  secretsFiles(add(secrets, 'list', 'for whom the config of sops has secrets encrypted').addArgument(keyType('[type]')))
    .option('-j, --json', 'as JSON')
    .option('-v, --values', 'only the keys')
    .action((type: string | undefined, options: SecretsListOptions) => start(() => import('../commands/secrets-recipients.ts'), 'list', type, [], options))
  rotation(add(secrets, 'rotate-add', 'add recipients to the config of sops'))
    .option('--create', 'as a key group of their own (-cr)')
    .action((type: string, keys: string[], options: RotateOptions) => start(() => import('../commands/secrets-recipients.ts'), 'add', type, keys, options))
  rotation(add(secrets, 'rotate-rm', 'remove recipients from the config of sops'))
    .action((type: string, keys: string[], options: RotateOptions) => start(() => import('../commands/secrets-recipients.ts'), 'remove', type, keys, options))
}

function rotation(self: Command): Command {
  return secretsFiles(self.addArgument(keyType('<type>')).argument('<key...>', 'age1…, or a fingerprint'))
    .option('-i, --index <index>', 'only in this creation rule, from 0', wholeNumber)
    .option('-u, --update', 'and encrypt the secrets file for them, without a question')
}

function keyType(name: string): Argument {
  return new Argument(name, 'age or pgp').choices(['age', 'pgp'])
}
