import { Command, Option } from 'commander'
import { addInit } from './init.ts'
import type { ApplyOptions, CheckOptions, ExplainOptions, TargetOptions, TrustOptions } from './options.ts'
import { add, command, keyOfProvider, target, wholeNumber } from './parts.ts'
import { addSecrets } from './secrets.ts'
import type { Start } from './start.ts'
import { addStyx } from './styx.ts'

/** The parser. `start` imports the command's file and runs it. */
export function makeProgram(start: Start): Command {
  const program = command(new Command('chaos'))
    .description('Manage machines from a YAML file: declare the state you want, see what differs, make it so.')
    .option('-V, --version', 'print the version')
    .addOption(new Option('-u, --update-plugins').hideHelp())
    .addOption(new Option('-t, --generate-tab').hideHelp())
    .action(async (options: { version?: boolean; updatePlugins?: boolean; generateTab?: boolean }, self: Command) => {
      if (self.args.length > 0) return self.error(`unknown command '${self.args[0]}'${nearest(self, self.args[0] as string)}`)
      if (options.generateTab) return start(() => import('../commands/completion.ts'), undefined)
      if (!options.version && !options.updatePlugins) return self.help({ error: true })
      return start(() => import('../commands/version.ts'), { updatePlugins: options.updatePlugins === true })
    })
    .allowExcessArguments()
    .addHelpText('after', EXAMPLES)

  keyOfProvider(target(add(program, 'apply', 'show what differs, ask, and make it so').argument('[tag...]', 'roles or aliases; none = all roles whose keys are there')))
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
    .action((tags: string[], options: ApplyOptions) => start(() => import('../commands/apply.ts'), tags, options))

  add(program, 'check', 'validate the Ch-obolo and the plugins, or list what is installed')
    .argument('[what]', 'roles, aliases, explanations, providers, boats, connectors, plugins, secrets or templates')
    .option('-c, --chobolo <file>', 'the Ch-obolo')
    .option('--status', 'with providers: ask each whether it can be used now')
    .option('--secrets-file <file>', 'whose keys `check secrets` lists (-sf)')
    .option('-j, --json', 'as JSON')
    .action((what: string | undefined, options: CheckOptions) => start(() => import('../commands/check.ts'), what, options))

  add(program, 'explain', 'explain a role, an operation or chaos itself')
    .argument('[topic...]', 'TOPIC, TOPIC.SUB or TOPIC.list')
    .addOption(new Option('-d, --details <depth>', 'which parts are shown').choices(DEPTHS).default('basic'))
    .addOption(new Option('-c, --complexity <depth>', 'how deep the text goes').choices(DEPTHS).default('basic'))
    .option('-n, --no-pretty', 'as YAML')
    .option('-j, --json', 'as JSON')
    .option('--chobolo <file>', 'whose plugins are meant')
    .action((topics: string[], options: ExplainOptions) => start(() => import('../commands/explain.ts'), topics, options))

  addInit(program, start)

  add(program, 'schema', 'print the JSON Schema of a Ch-obolo with the installed plugins')
    .option('-c, --chobolo <file>', 'the Ch-obolo')
    .action((options: CheckOptions) => start(() => import('../commands/schema.ts'), options))

  target(add(program, 'exec', 'run a shell command on hosts, and show only what it prints').argument('<command...>').passThroughOptions())
    .usage('[options] -- COMMAND…')
    .action((words: string[], options: TargetOptions) => start(() => import('../commands/exec.ts'), words, options))

  add(program, 'trust', 'show the keys of machines, ask, and trust them from now on')
    .argument('<host...>', 'hosts of the fleet, or any others: db1, @ssh/bastion/@ssh/db1')
    .option('-c, --chobolo <file>', 'the Ch-obolo; default ./ch-obolo.yml, else the one of `chaos set chobolo`')
    .option('-y, --yes', 'trust them without a question')
    .option('-j, --json', 'keys as NDJSON on stdout')
    .action((hosts: string[], options: TrustOptions) => start(() => import('../commands/trust.ts'), hosts, options))

  target(add(program, 'unlock', 'take away the lock of a run that is dead').argument('<id>', 'the id that the refusal named'))
    .action((id: string, options: TargetOptions) => start(() => import('../commands/unlock.ts'), id, options))

  addStyx(program, start)
  addSecrets(program, start)

  add(program, 'completion', 'print what bash, zsh or fish reads to complete chaos')
    .argument('[shell]', 'bash, zsh or fish; default: the one of $SHELL')
    .addHelpText('after', '\nIn ~/.bashrc or ~/.zshrc:  eval "$(chaos completion)"\nIn config.fish:            chaos completion fish | source')
    .action((shell: string | undefined) => start(() => import('../commands/completion.ts'), shell))

  command(program.command('__complete', { hidden: true }))
    .argument('[word...]')
    .action((words: string[]) => start(() => import('../commands/complete.ts'), program, words))

  return program
}

const DEPTHS = ['basic', 'intermediate', 'advanced']

const EXAMPLES = `
Examples:
  chaos init chobolo            write a first ch-obolo.yml
  chaos apply --dry             what would change on this machine
  chaos apply files --fleet     apply one role to all hosts of the fleet
  chaos explain apply           how it works`

function nearest(program: Command, word: string): string {
  const found = program.commands.map((each) => each.name()).find((name) => name.startsWith(word.slice(0, 2)))
  return found === undefined ? '' : `\n(Did you mean ${found}?)`
}
