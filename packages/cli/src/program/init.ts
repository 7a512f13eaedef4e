import { Option } from 'commander'
import type { Command } from 'commander'
import type { InitOptions, InitSecretsOptions } from './options.ts'
import { add, collect } from './parts.ts'
import type { Start } from './start.ts'

/** `chaos init …` and `chaos set …`: what one begins with. */
export function addInit(program: Command, start: Start): void {
  const init = add(program, 'init', 'start a Ch-obolo, or secrets')
  add(init, 'chobolo', 'write ./ch-obolo.yml from the installed plugins, never over one')
    .argument('[target...]', 'only the keys of these roles')
    .option('-t, --template', 'print it instead')
    .option('-c, --chobolo <file>', 'where it is written; default ./ch-obolo.yml')
    .addOption(new Option('-u, --human').hideHelp())
    .action((targets: string[], options: InitOptions) => start(() => import('../commands/init.ts'), targets, options))

  add(init, 'secrets', 'make an age key, the config of sops and an empty secrets file; what is there stays')
    .option('-y, --yes', 'without a question')
    .option('--recipient <key>', 'who else may read them: age1… or a PGP fingerprint; repeat or separate by commas', collect)
    .option('--secrets-file <file>', 'where the secrets file is made (-sf); default: secrets.yml beside the config of chaos')
    .option('--sops-file <file>', 'where the config of sops is made (-ss); default: sops-config.yml beside the config of chaos')
    .action((options: InitSecretsOptions) => start(() => import('../commands/init-secrets.ts'), options))

  const set = add(program, 'set', 'remember something in the config')
  add(set, 'chobolo', 'the Ch-obolo to use when there is none here')
    .aliases(['c', 'ch'])
    .argument('<file>')
    .action((file: string) => start(() => import('../commands/set.ts'), 'chobolo_file', file))
  add(set, 'secrets', 'the secrets file')
    .aliases(['sec', 'se'])
    .argument('<file>')
    .action((file: string) => start(() => import('../commands/set.ts'), 'secrets_file', file))
  add(set, 'sops', 'the config of sops: for whom secrets are encrypted')
    .aliases(['sop'])
    .argument('<file>')
    .action((file: string) => start(() => import('../commands/set.ts'), 'sops_file', file))
}
