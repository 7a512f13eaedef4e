import { Argument, Option } from 'commander'
import type { Command } from 'commander'
import type { SecretsExportOptions, SecretsImportOptions } from './options.ts'
import { add } from './parts.ts'
import type { Start } from './start.ts'

/** `chaos secrets export` and `import`: keys that providers keep. */
export function addSecretsKeys(secrets: Command, start: Start): void {
  withType(add(secrets, 'export', 'store a key with a provider'))
    .requiredOption('-n, --item-name <name>', 'what the provider is to know it by')
    .option('-k, --key-file <file>', 'the key; default: what is piped, else the age key of chaos')
    .option('-f, --fingerprints <fingerprint...>', 'keys of gpg, with their private parts')
    .option('-a, --vault-addr <url>', 'where the Vault is; default $VAULT_ADDR')
    .option('-N, --no-import', 'so that `chaos secrets import` refuses it; -p uses it all the same')
    .option('-s, --save-to-config', 'and name it in the config, for -p')
    .action((provider: string, options: SecretsExportOptions) => start(() => import('../commands/secrets-export.ts'), provider, options))
  withType(add(secrets, 'import', 'keep a key of a provider on this machine'))
    .requiredOption('-i, --item-id <item>', 'what the provider knows it by')
    .option('-o, --output <file>', 'where it is written; default ./keys.txt, of a Vault ./vault_key.txt')
    .option('-y, --yes', 'over another file without a question')
    .action((provider: string, options: SecretsImportOptions) => start(() => import('../commands/secrets-import.ts'), provider, options))
}

function withType(self: Command): Command {
  return self.addArgument(new Argument('<provider>', 'its name, as under secret_providers'))
    .addOption(new Option('-t, --key-type <type>', 'the kind of the key').choices(['age', 'gpg', 'vault']).makeOptionMandatory())
}
