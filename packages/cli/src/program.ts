import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import type { SecretsFileOptions } from './secrets/files.ts'

/** A command's file: imported when it runs, and not before. */
export interface CommandFile<G extends unknown[]> {
  run(...given: G): Promise<number>
}

export type Start = <G extends unknown[]>(load: () => Promise<CommandFile<G>>, ...given: G) => Promise<void>

/** Options of a run, as `apply` and `exec` take them. */
export interface TargetOptions {
  chobolo?: string
  fleet?: boolean
  limit?: string[]
  json?: boolean
  verbose: number
  sudo?: boolean
  sudoPasswordFile?: string
  sudoPasswordStdin?: boolean
  timeout?: number
  parallelism?: number
}

export interface ApplyOptions extends TargetOptions, SecretsFileOptions {
  dry?: boolean
  diff?: boolean
  yes?: boolean
  serial?: boolean
  wait: boolean
  maxRemovals?: number
  /** Seconds. */
  guard?: number
  detailedExitcode?: boolean
  secrets?: boolean
}

export interface SecretsReadOptions extends SecretsFileOptions {
  json?: boolean
  values?: boolean
}

export interface SecretsListOptions extends SecretsFileOptions {
  json?: boolean
  values?: boolean
}

export interface RotateOptions extends SecretsFileOptions {
  index?: number
  create?: boolean
  update?: boolean
}

export interface InitSecretsOptions extends SecretsFileOptions {
  yes?: boolean
  recipient?: string[]
}

export interface SecretsEditOptions extends SecretsFileOptions {
  sops?: boolean
  allowDisk?: boolean
}

export interface StyxOptions {
  registry?: string
  installed?: boolean
  yes?: boolean
  json?: boolean
}

export interface TrustOptions {
  chobolo?: string
  yes?: boolean
  json?: boolean
}

export interface CheckOptions {
  chobolo?: string
  secretsFile?: string
  json?: boolean
}

export interface ExplainOptions {
  chobolo?: string
  details: string
  complexity: string
  pretty: boolean
  json?: boolean
}

export interface InitOptions {
  chobolo?: string
  template?: boolean
  human?: boolean
}

/** The parser. `start` imports the command's file and runs it. */
export function makeProgram(start: Start): Command {
  const program = command(new Command('chaos'))
    .description('Manage machines from a YAML file: declare the state you want, see what differs, make it so.')
    .option('-V, --version', 'print the version')
    .addOption(new Option('-u, --update-plugins').hideHelp())
    .addOption(new Option('-t, --generate-tab').hideHelp())
    .action(async (options: { version?: boolean; updatePlugins?: boolean; generateTab?: boolean }, self: Command) => {
      if (self.args.length > 0) return self.error(`unknown command '${self.args[0]}'${nearest(self, self.args[0] as string)}`)
      if (options.generateTab) return start(() => import('./commands/completion.ts'), undefined)
      if (!options.version && !options.updatePlugins) return self.help({ error: true })
      return start(() => import('./commands/version.ts'), { updatePlugins: options.updatePlugins === true })
    })
    .allowExcessArguments()
    .addHelpText('after', EXAMPLES)

  target(add(program, 'apply', 'show what differs, ask, and make it so').argument('[tag...]', 'roles or aliases; none = all roles whose keys are there'))
    .option('-d, --dry', 'only show the plan')
    .option('--diff', 'show whole differences of files')
    .option('-y, --yes', 'yes to every question (-ikwid, --i-know-what-im-doing)')
    .option('-s, --secrets', 'give roles the secrets they declare, from the secrets file')
    .option('--secrets-file <file>', 'which secrets file (-sf); default: the one of `chaos set secrets`')
    .option('--sops-file <file>', 'the config of sops the secrets file is held against (-ss)')
    .option('--max-removals <count>', 'more removals than this on a host are asked for', wholeNumber)
    .option('--guard <seconds>', 'take back a change that may cut off access unless a new connection confirms it in time (default 60, 0 = off)', wholeNumber)
    .option('--detailed-exitcode', 'with --dry: exit 3 when something would change')
    .option('-e, --serial', 'one host after the other')
    .addOption(new Option('--no-wait').hideHelp())
    .action((tags: string[], options: ApplyOptions) => start(() => import('./commands/apply.ts'), tags, options))

  add(program, 'check', 'validate the Ch-obolo and the plugins, or list what is installed')
    .argument('[what]', 'roles, aliases, explanations, providers, boats, connectors, plugins, secrets or templates')
    .option('-c, --chobolo <file>', 'the Ch-obolo')
    .option('--secrets-file <file>', 'whose keys `check secrets` lists (-sf)')
    .option('-j, --json', 'as JSON')
    .action((what: string | undefined, options: CheckOptions) => start(() => import('./commands/check.ts'), what, options))

  add(program, 'explain', 'explain a role, an operation or chaos itself')
    .argument('[topic...]', 'TOPIC, TOPIC.SUB or TOPIC.list')
    .addOption(new Option('-d, --details <depth>', 'which parts are shown').choices(DEPTHS).default('basic'))
    .addOption(new Option('-c, --complexity <depth>', 'how deep the text goes').choices(DEPTHS).default('basic'))
    .option('-n, --no-pretty', 'as YAML')
    .option('-j, --json', 'as JSON')
    .option('--chobolo <file>', 'whose plugins are meant')
    .action((topics: string[], options: ExplainOptions) => start(() => import('./commands/explain.ts'), topics, options))

  const init = add(program, 'init', 'start a Ch-obolo, or secrets')
  add(init, 'chobolo', 'write ./ch-obolo.yml from the installed plugins, never over one')
    .argument('[target...]', 'only the keys of these roles')
    .option('-t, --template', 'print it instead')
    .option('-c, --chobolo <file>', 'where it is written; default ./ch-obolo.yml')
    .addOption(new Option('-u, --human').hideHelp())
    .action((targets: string[], options: InitOptions) => start(() => import('./commands/init.ts'), targets, options))

  add(init, 'secrets', 'make an age key, the config of sops and an empty secrets file; what is there stays')
    .option('-y, --yes', 'without a question')
    .option('--recipient <key>', 'who else may read them: age1… or a PGP fingerprint; repeat or separate by commas', collect)
    .option('--secrets-file <file>', 'where the secrets file is made (-sf); default: secrets.yml beside the config of chaos')
    .option('--sops-file <file>', 'where the config of sops is made (-ss); default: sops-config.yml beside the config of chaos')
    .action((options: InitSecretsOptions) => start(() => import('./commands/init-secrets.ts'), options))

  const set = add(program, 'set', 'remember something in the config')
  add(set, 'chobolo', 'the Ch-obolo to use when there is none here')
    .aliases(['c', 'ch'])
    .argument('<file>')
    .action((file: string) => start(() => import('./commands/set.ts'), 'chobolo_file', file))
  add(set, 'secrets', 'the secrets file')
    .aliases(['sec', 'se'])
    .argument('<file>')
    .action((file: string) => start(() => import('./commands/set.ts'), 'secrets_file', file))
  add(set, 'sops', 'the config of sops: for whom secrets are encrypted')
    .aliases(['sop'])
    .argument('<file>')
    .action((file: string) => start(() => import('./commands/set.ts'), 'sops_file', file))

  add(program, 'schema', 'print the JSON Schema of a Ch-obolo with the installed plugins')
    .option('-c, --chobolo <file>', 'the Ch-obolo')
    .action((options: CheckOptions) => start(() => import('./commands/schema.ts'), options))

  target(add(program, 'exec', 'run a shell command on hosts, and show only what it prints').argument('<command...>').passThroughOptions())
    .usage('[options] -- COMMAND…')
    .action((words: string[], options: TargetOptions) => start(() => import('./commands/exec.ts'), words, options))

  add(program, 'trust', 'show the keys of machines, ask, and trust them from now on')
    .argument('<host...>', 'hosts of the fleet, or any others: db1, @ssh/bastion/@ssh/db1')
    .option('-c, --chobolo <file>', 'the Ch-obolo; default ./ch-obolo.yml, else the one of `chaos set chobolo`')
    .option('-y, --yes', 'trust them without a question')
    .option('-j, --json', 'keys as NDJSON on stdout')
    .action((hosts: string[], options: TrustOptions) => start(() => import('./commands/trust.ts'), hosts, options))

  target(add(program, 'unlock', 'take away the lock of a run that is dead').argument('<id>', 'the id that the refusal named'))
    .action((id: string, options: TargetOptions) => start(() => import('./commands/unlock.ts'), id, options))

  const styx = add(program, 'styx', 'reviewed plugins: list, install, update, remove and verify them')
  const registry = (self: Command): Command => self.option('--registry <place>', 'URL or path of the registry; default $CHAOS_STYX_REGISTRY, else the config')
  registry(add(styx, 'list', 'what the registry has')).argument('[name...]')
    .option('--installed', 'only what is installed')
    .option('-j, --json', 'as JSON')
    .action((names: string[], options: StyxOptions) => start(() => import('./commands/styx.ts'), 'list', names, options))
  registry(add(styx, 'invoke', 'install plugins of the registry, without their scripts')).argument('<name...>')
    .action((names: string[], options: StyxOptions) => start(() => import('./commands/styx.ts'), 'invoke', names, options))
  add(styx, 'destroy', 'remove plugins that styx installed').argument('<name...>')
    .option('-y, --yes', 'without a question')
    .action((names: string[], options: StyxOptions) => start(() => import('./commands/styx.ts'), 'destroy', names, options))
  registry(add(styx, 'update', 'install the versions that the registry has now')).argument('[name...]')
    .option('-y, --yes', 'without a question')
    .action((names: string[], options: StyxOptions) => start(() => import('./commands/styx.ts'), 'update', names, options))
  registry(add(styx, 'verify', 'look again at what is installed: hashes, files, the registry, signatures')).argument('[name...]')
    .option('-j, --json', 'as JSON')
    .action((names: string[], options: StyxOptions) => start(() => import('./commands/styx.ts'), 'verify', names, options))

  const secrets = add(program, 'secrets', 'encrypted secrets of a sops file: show, change, and for whom')
  secretsFiles(add(secrets, 'print', 'print the whole file in clear'))
    .option('-j, --json', 'as JSON')
    .action((options: SecretsReadOptions) => start(() => import('./commands/secrets-read.ts'), 'print', [], options))
  secretsFiles(add(secrets, 'cat', 'print single secrets').argument('<key...>', 'users.ana.tokens[0]'))
    .option('-j, --json', 'one JSON object for each')
    .option('-v, --values', 'only the values')
    .action((keys: string[], options: SecretsReadOptions) => start(() => import('./commands/secrets-read.ts'), 'cat', keys, options))
  secretsFiles(add(secrets, 'set', 'set one secret, from stdin or a question').argument('<key>', 'users.ana.tokens[0]'))
    .action((key: string, options: SecretsFileOptions) => start(() => import('./commands/secrets-set.ts'), key, options))
  secretsFiles(add(secrets, 'edit', 'open the file in $EDITOR, in memory, and encrypt it again'))
    .option('-s, --sops', 'the config of sops instead')
    .option('--allow-disk', 'in a temporary file where there is no /dev/shm in memory')
    .action((options: SecretsEditOptions) => start(() => import('./commands/secrets-edit.ts'), options))
  secretsFiles(add(secrets, 'update', 'encrypt the file for whom the config of sops says'))
    .action((options: SecretsFileOptions) => start(() => import('./commands/secrets-update.ts'), options))

  secretsFiles(add(secrets, 'list', 'for whom the config of sops has secrets encrypted').addArgument(keyType('[type]')))
    .option('-j, --json', 'as JSON')
    .option('-v, --values', 'only the keys')
    .action((type: string | undefined, options: SecretsListOptions) => start(() => import('./commands/secrets-recipients.ts'), 'list', type, [], options))
  rotation(add(secrets, 'rotate-add', 'add recipients to the config of sops'))
    .option('--create', 'as a key group of their own (-cr)')
    .action((type: string, keys: string[], options: RotateOptions) => start(() => import('./commands/secrets-recipients.ts'), 'add', type, keys, options))
  rotation(add(secrets, 'rotate-rm', 'remove recipients from the config of sops'))
    .action((type: string, keys: string[], options: RotateOptions) => start(() => import('./commands/secrets-recipients.ts'), 'remove', type, keys, options))

  add(program, 'completion', 'print what bash, zsh or fish reads to complete chaos')
    .argument('[shell]', 'bash, zsh or fish; default: the one of $SHELL')
    .addHelpText('after', '\nIn ~/.bashrc or ~/.zshrc:  eval "$(chaos completion)"\nIn config.fish:            chaos completion fish | source')
    .action((shell: string | undefined) => start(() => import('./commands/completion.ts'), shell))

  command(program.command('__complete', { hidden: true }))
    .argument('[word...]')
    .action((words: string[]) => start(() => import('./commands/complete.ts'), program, words))

  return program
}

const DEPTHS = ['basic', 'intermediate', 'advanced']

const EXAMPLES = `
Examples:
  chaos init chobolo            write a first ch-obolo.yml
  chaos apply --dry             what would change on this machine
  chaos apply files --fleet     apply one role to all hosts of the fleet
  chaos explain apply           how it works`

/** Options that `apply` and `exec` share. */
function target(self: Command): Command {
  return self
    .option('-c, --chobolo <file>', 'the Ch-obolo; default ./ch-obolo.yml, else the one of `chaos set chobolo`')
    .option('-f, --fleet', 'the hosts of the fleet instead of this machine')
    .option('--limit <host>', 'only these hosts: names, globs or group:NAME; repeat or separate by commas', collect)
    .option('-j, --json', 'events as NDJSON on stdout')
    .option('-v, --verbose', 'more: -v what is already so, -vv outputs, -vvv timings', (_, count: number) => count + 1, 0)
    .option('--sudo', 'as root through sudo, where nothing else is said')
    .option('--sudo-password-file <file>', 'read the password from a file (-pf)')
    .option('--sudo-password-stdin', 'read the password from stdin (-ps)')
    .option('--timeout <seconds>', 'how long one step may take', wholeNumber)
    .option('--parallelism <count>', 'hosts worked on at once; default 50, 0 = all', wholeNumber)
}

function secretsFiles(self: Command): Command {
  return self
    .option('--secrets-file <file>', 'the secrets file (-sf); default: the one of `chaos set secrets`')
    .option('--sops-file <file>', 'the config of sops (-ss); default: the one of `chaos set sops`')
}

function rotation(self: Command): Command {
  return secretsFiles(self.addArgument(keyType('<type>')).argument('<key...>', 'age1…, or a fingerprint'))
    .option('-i, --index <index>', 'only in this creation rule, from 0', wholeNumber)
    .option('-u, --update', 'and encrypt the secrets file for them, without a question')
}

function keyType(name: string): Argument {
  return new Argument(name, 'age or pgp').choices(['age', 'pgp'])
}

function add(parent: Command, name: string, summary: string): Command {
  return command(parent.command(name)).description(summary)
}

function command(self: Command): Command {
  return self
    .exitOverride()
    .helpOption('-h, --help', 'this page')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false })
    // Errors are shown by us, all in the same way.
    .configureOutput({ outputError: () => undefined })
    .enablePositionalOptions()
}

function collect(value: string, all: string[] = []): string[] {
  return [...all, ...value.split(',').map((each) => each.trim()).filter((each) => each !== '')]
}

function wholeNumber(value: string): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) throw new InvalidArgumentError('It must be a whole number.')
  return number
}

function nearest(program: Command, word: string): string {
  const found = program.commands.map((each) => each.name()).find((name) => name.startsWith(word.slice(0, 2)))
  return found === undefined ? '' : `\n(Did you mean ${found}?)`
}

