import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'

export function add(parent: Command, name: string, summary: string): Command {
  return command(parent.command(name)).description(summary)
}

export function command(self: Command): Command {
  return self
    .exitOverride()
    .helpOption('-h, --help', 'this page')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false })
    // Errors are shown by us, all in the same way.
    .configureOutput({ outputError: () => undefined })
    .enablePositionalOptions()
    // Of what nobody reads nothing is told: a secret that was meant to be set, a key that was meant to be the only one printed.
    .allowExcessArguments(false)
}

export function collect(value: string, all: string[] = []): string[] {
  return [...all, ...value.split(',').map((each) => each.trim()).filter((each) => each !== '')]
}

export function wholeNumber(value: string): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) throw new InvalidArgumentError('It must be a whole number.')
  return number
}

export function integer(value: string): number {
  return value.startsWith('-') ? -wholeNumber(value.slice(1)) : wholeNumber(value)
}

/** Options that `apply` and `exec` share. */
export function target(self: Command): Command {
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

export function secretsFiles(self: Command): Command {
  return self
    .option('--secrets-file <file>', 'the secrets file (-sf); default: the one of `chaos set secrets`')
    .option('--sops-file <file>', 'the config of sops (-ss); default: the one of `chaos set sops`')
}

/** Where the key that opens the secrets file comes from. */
export function keyOfProvider(self: Command): Command {
  return self.option('-p, --provider [name.type]', 'with a key that a provider keeps: bw.age, or bw.age:ITEM; alone: the one of secret_providers.default', once)
}

function once(value: string, before?: string): string {
  if (before !== undefined) throw new InvalidArgumentError('One key of a provider can be used at a time.')
  return value
}
