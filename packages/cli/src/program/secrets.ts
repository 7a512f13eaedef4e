import { Argument } from 'commander'
import type { Command } from 'commander'
import type { SecretsFileOptions } from '../secrets/files.ts'
import type { RotateOptions, SecretsEditOptions, SecretsListOptions, SecretsReadOptions, ShamirOptions } from './options.ts'
import { add, integer, keyOfProvider, secretsFiles, wholeNumber } from './parts.ts'
import { addSecretsKeys } from './secrets-keys.ts'
import type { Start } from './start.ts'

/** `chaos secrets …` */
export function addSecrets(program: Command, start: Start): void {
  const secrets = add(program, 'secrets', 'encrypted secrets of a sops file: show, change, and for whom')
  keyOfProvider(secretsFiles(add(secrets, 'print', 'print the whole file in clear')))
    .option('-s, --sops', 'the config of sops instead')
    .option('-j, --json', 'as JSON')
    .action((options: SecretsReadOptions) => start(() => import('../commands/secrets-read.ts'), 'print', [], options))
  keyOfProvider(secretsFiles(add(secrets, 'cat', 'print single secrets').argument('<key...>', 'users.ana.tokens[0]')))
    .option('-s, --sops', 'of the config of sops instead: creation_rules[0].path_regex')
    .option('-j, --json', 'one JSON object for each')
    .option('-v, --values', 'only the values')
    .action((keys: string[], options: SecretsReadOptions) => start(() => import('../commands/secrets-read.ts'), 'cat', keys, options))
  keyOfProvider(secretsFiles(add(secrets, 'set', 'set one secret, from stdin or a question').argument('<key>', 'users.ana.tokens[0]')))
    .action((key: string, options: SecretsFileOptions) => start(() => import('../commands/secrets-set.ts'), key, options))
  keyOfProvider(secretsFiles(add(secrets, 'edit', 'open the file in $EDITOR, in memory, and encrypt it again')))
    .option('-s, --sops', 'the config of sops instead')
    .option('--allow-disk', 'in a temporary file where there is no /dev/shm in memory')
    .action((options: SecretsEditOptions) => start(() => import('../commands/secrets-edit.ts'), options))
  keyOfProvider(secretsFiles(add(secrets, 'update', 'encrypt the file for whom the config of sops says')))
    .action((options: SecretsFileOptions) => start(() => import('../commands/secrets-update.ts'), options))

  secretsFiles(add(secrets, 'list', 'for whom the config of sops has secrets encrypted').addArgument(keyType('[type]', LISTED)))
    .option('-j, --json', 'as JSON')
    .option('-v, --values', 'only the keys')
    .action((type: string | undefined, options: SecretsListOptions) => start(() => import('../commands/secrets-recipients.ts'), 'list', type, [], options))
  rotation(add(secrets, 'rotate-add', 'add recipients to the config of sops'))
    .option('--create', 'as a key group of their own (-cr)')
    .option('--keyserver <url>', 'where gpg gets PGP keys that it does not know (-s)')
    .action((type: string, keys: string[], options: RotateOptions) => start(() => import('../commands/secrets-recipients.ts'), 'add', type, keys, options))
  rotation(add(secrets, 'rotate-rm', 'remove recipients from the config of sops'))
    .action((type: string, keys: string[], options: RotateOptions) => start(() => import('../commands/secrets-recipients.ts'), 'remove', type, keys, options))
  keyOfProvider(secretsFiles(add(secrets, 'set-shamir', 'how many key groups must be opened').alias('shamir')))
    .argument('<index>', 'the creation rule, from 0', wholeNumber)
    .argument('<count>', 'at least 2, and at most its key groups; 0 takes the threshold away', integer)
    .option('-u, --update', 'and encrypt the secrets file anew, without a question')
    .option('-y, --yes', 'take a threshold away without a question')
    .action((index: number, count: number, options: ShamirOptions) => start(() => import('../commands/secrets-shamir.ts'), index, count, options))

  addSecretsKeys(secrets, start)
}

/** Vault goes by two names: that of sops, and a short one. */
const CHANGED = ['age', 'pgp', 'vault', 'hc_vault']
const LISTED = [...CHANGED, 'kms', 'gcp_kms', 'azure_kv', 'hckms']

function rotation(self: Command): Command {
  return keyOfProvider(secretsFiles(self.addArgument(keyType('<type>', CHANGED)).argument('<key...>', 'age1…, a fingerprint, or the URL of a transit key of Vault')))
    .option('-i, --index <index>', 'only in this creation rule, from 0', wholeNumber)
    .option('-u, --update', 'and encrypt the secrets file for them, without a question')
}

function keyType(name: string, kinds: readonly string[]): Argument {
  return new Argument(name, 'the kind of keys').choices(kinds)
}
