import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectorContext, Target } from '@chaos/core'
import { quote } from '@chaos/core'
import { readKnownHosts } from '../known-hosts/read.ts'
import type { Settings } from '../settings/contract.ts'
import { createAskpass } from './askpass.ts'
import type { Askpass } from './askpass.ts'
import type { Leg } from './failure.ts'
import { destination, percent, sshArguments } from './options.ts'
import { createSaid } from './said.ts'
import type { Said } from './said.ts'

/** The arguments of one ssh and all that has to lie ready for it and for those that it goes through. */
export interface Way {
  /** Of ssh to the machine itself; what it is to do there stands in front, the destination behind. */
  readonly options: readonly string[]
  readonly destination: string
  readonly environment: Readonly<Record<string, string>>
  /** Where what ssh itself says goes. */
  readonly said: Said
  /** All machines on the way with what their ssh said, the first hop first. */
  legs(): Promise<readonly Leg[]>
  /** Nobody asks any more. */
  quiet(): Promise<void>
}

export interface WayInput {
  readonly settings: Settings
  readonly target: Target
  readonly context: ConnectorContext
  readonly folder: string
  /** Tells the ways in one folder apart. */
  readonly name: string
  /** A ProxyCommand for the first machine; undefined = what its settings say. */
  readonly bridge: string | undefined
  /** Every key on the way is known by now. */
  readonly known: boolean
  /** A password was wrong: ssh is to be ended. */
  readonly again: () => void
}

/**
 * ssh gives its options to no hop of a ProxyJump: those take what is configured, also `StrictHostKeyChecking no`. So each hop is an
 * `ssh -W` of our own, as strict as the last one, in a script that the ssh of the next machine runs as its ProxyCommand.
 */
export async function prepareWay({ settings, target, context, folder, name, bridge, known, again }: WayInput): Promise<Way> {
  const machines = [...settings.jumps, settings]
  const asking: Askpass[] = []
  const hops: { leg: Leg; file: string }[] = []
  let proxy = bridge === undefined ? settings.jumps[0]?.proxyCommand ?? settings.proxyCommand : bridge

  const legOf = async (machine: Settings, index: number): Promise<{ leg: Leg; options: string[] }> => {
    const secrets = machine.password !== undefined || machine.keyPassword !== undefined
    const { password, keyPassword } = machine
    const askpass = secrets ? await createAskpass({ folder, name: `${name}${index}`, password, keyPassword, again }) : undefined
    if (askpass !== undefined) asking.push(askpass)
    const hosts = await readKnownHosts(machine, context)
    const isNew = !known && machine.strict === 'accept-new' && hosts.judge(Buffer.alloc(0)).state === 'unknown'
    const options = sshArguments(machine, { strict: isNew ? 'accept-new' : 'yes', asks: secrets, proxy: proxy === undefined ? undefined : percent(proxy) })
    return { leg: { place: { settings: machine, target }, said: createSaid(), known: hosts, askpass }, options }
  }

  for (const [index, hop] of settings.jumps.entries()) {
    const { leg, options } = await legOf(hop, index)
    const next = machines[index + 1] as Settings
    const file = join(folder, `hop-${name}${index}`)
    const argv = ['ssh', '-S', 'none', ...options, '-W', `[${next.hostname}]:${next.port}`, '--', destination(hop)]
    const asks = leg.askpass === undefined ? '' : `SSH_ASKPASS=${quote(leg.askpass.program)}\nexport SSH_ASKPASS\n`
    await writeFile(file, `${asks}exec ${argv.map(quote).join(' ')} 2>${quote(`${file}.err`)}\n`, { mode: 0o600 })
    hops.push({ leg, file: `${file}.err` })
    proxy = `/bin/sh ${quote(file)}`
  }
  const { leg, options } = await legOf(settings, settings.jumps.length)

  return {
    options,
    destination: destination(settings),
    environment: {
      LC_ALL: 'C',
      ...(asking.length > 0 ? { SSH_ASKPASS_REQUIRE: 'force', DISPLAY: process.env['DISPLAY'] ?? ':0' } : {}),
      ...(leg.askpass === undefined ? {} : { SSH_ASKPASS: leg.askpass.program }),
    },
    said: leg.said,
    async legs() {
      for (const hop of hops) hop.leg.said.hear(`${await readFile(hop.file, 'utf8').catch(() => '')}\n`)
      return [...hops.map((hop) => hop.leg), leg]
    },
    async quiet() {
      await Promise.all(asking.map((each) => each.close()))
      await Promise.all(hops.map(({ file }) => rm(file.replace(/\.err$/, ''), { force: true })))
    },
  }
}
