import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Chobolo } from '@chaos/chobolo'
import { ChaosError, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import type { Load, RunOptions } from '@chaos/engine'
import type { TargetOptions } from './program/options.ts'
import { askSecret, askText, canAsk } from './prompt.ts'

type TargetPart = Pick<RunOptions, 'hosts' | 'boats' | 'restrictions' | 'groups' | 'limit' | 'load' | 'isConnector' | 'elevation' | 'parallelism' | 'timeout' | 'password' | 'prompt'>

/** Where a run goes and how it gets there: this machine, or the fleet with `--fleet` or `--limit`. */
export async function targetOf(chobolo: Chobolo | undefined, plugins: Plugins, options: TargetOptions & { serial?: boolean }): Promise<TargetPart> {
  const { limit, sudo, timeout, serial } = options
  const wanted = options.fleet === true || limit !== undefined
  const fleet = wanted ? await fleetOf(chobolo) : undefined
  const parallelism = serial ? 1 : (options.parallelism ?? fleet?.parallelism)
  const connectors = new Set(plugins.list('connectors').map((each) => each.name))
  const password = await passwordOf(options)
  return {
    hosts: fleet ? fleet.hosts.map(({ name, data, groups }) => ({ name, data, groups })) : [{ name: '@local' }],
    ...(fleet && { boats: fleet.boats, groups: fleet.groups, restrictions: fleet.restrictions }),
    ...(limit && { limit }),
    load: loadOf(plugins),
    isConnector: (name) => connectors.has(name),
    ...(sudo && { elevation: { sudo: true } }),
    ...(parallelism === undefined ? {} : { parallelism }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(password && { password }),
    ...pluginPrompt(),
  }
}

/** How plugins ask the user; nothing when nobody is there. */
export function pluginPrompt(): Pick<RunOptions, 'prompt'> {
  if (!canAsk()) return {}
  return {
    prompt: async ({ text: question, secret: hidden }) => {
      const answer = await (hidden ? askSecret(question) : askText(question))
      if (answer === undefined) throw new ChaosError('INTERRUPTED', { message: 'The question was not answered.' })
      return answer
    },
  }
}

async function fleetOf(chobolo: Chobolo | undefined): Promise<NonNullable<Awaited<ReturnType<Chobolo['fleet']>>>> {
  const fleet = await chobolo?.fleet()
  if (fleet && (fleet.hosts.length > 0 || fleet.boats.length > 0)) return fleet
  throw new ChaosError('FLEET_EMPTY', {
    message: chobolo === undefined ? 'There is no Ch-obolo, and so no fleet.' : fleet ? 'The fleet of the Ch-obolo has no hosts.' : 'The Ch-obolo has no fleet.',
    hint: 'Write its hosts: `fleet: { hosts: [db1.example.net] }`. Without --fleet and --limit the target is this machine.',
    ...(chobolo && { position: chobolo.position(fleet ? ['fleet'] : []) }),
  })
}

export function loadOf(plugins: Plugins): Load {
  const groups = { connector: 'connectors', provider: 'providers', boat: 'boats' } as const
  return (kind, name) => plugins.load(groups[kind], name)
}

/** Where a password comes from when a host asks for one: a file, stdin, or a question. Undefined when there is nobody to ask. */
async function passwordOf({ sudoPasswordFile: file, sudoPasswordStdin, json }: TargetOptions): Promise<RunOptions['password']> {
  if (file !== undefined && sudoPasswordStdin) throw new ChaosError('USAGE', { message: 'The password comes from a file or from stdin, not from both.' })
  const given = file === undefined ? (sudoPasswordStdin ? await fromStdin() : undefined) : await fromFile(file)
  if (given) return async () => given
  if (!canAsk() || json) return undefined
  return ({ host, user, elevation }) => askSecret(`${elevation.su ? 'su' : elevation.doas ? 'doas' : 'sudo'} password of ${user} on ${host === '@local' ? 'this machine' : host}`)
}

async function fromFile(file: string): Promise<Secret> {
  try {
    return secret((await readFile(file, 'utf8')).trim())
  } catch (cause) {
    throw new ChaosError('PASSWORD_FILE', { message: `The password file ${file} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'}.`, hint: 'Look at what stands after --sudo-password-file.', cause })
  }
}

async function fromStdin(): Promise<Secret> {
  if (process.stdin.isTTY) throw new ChaosError('USAGE', { message: 'No password is piped to stdin.', hint: 'Leave the option out to be asked for it.' })
  return secret((await text(process.stdin)).replace(/\r?\n$/, ''))
}
