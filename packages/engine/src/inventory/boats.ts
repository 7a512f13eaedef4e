import type { PluginContext } from '@chaos/core'
import { ChaosError, isBoat, isChaosError, issuePath } from '@chaos/core'
import type { RunOptions } from '../run/contract.ts'
import { collect } from './collect.ts'
import { checkReference, MAX_HOSTS } from './reference.ts'
import type { CheckedReference } from './reference.ts'

type BoatOptions = NonNullable<RunOptions['boats']>[number]

/** Asks all boats, side by side; the hosts come in the boats' order. */
export async function askBoats(boats: readonly BoatOptions[], load: RunOptions['load'], context: PluginContext): Promise<{ reference: CheckedReference; source: string }[]> {
  const answers = await Promise.all(boats.map((boat) => ask(boat, load, context)))
  return answers.flat()
}

async function ask({ provider, config }: BoatOptions, load: RunOptions['load'], context: PluginContext): Promise<{ reference: CheckedReference; source: string }[]> {
  const source = `the boat ${provider}`
  const boat = await load('boat', provider)
  if (!isBoat(boat)) {
    throw new ChaosError('PLUGIN_KIND', {
      message: `What was loaded as the boat "${provider}" is no boat.`,
      hint: 'Its package must export what defineBoat gives.',
      details: { kind: 'boat', name: provider },
    })
  }
  const checked = boat.config === undefined ? { value: config } : await boat.config['~standard'].validate(config ?? {})
  if (checked.issues) {
    const [issue] = checked.issues
    throw new ChaosError('BOAT_CONFIG', {
      message: `The config of the boat "${provider}" is wrong: ${[issuePath(issue!).join('.'), issue!.message].filter(Boolean).join(': ')}.`,
      hint: `Correct it under fleet.boats in the Ch-obolo.`,
      details: { provider, path: issuePath(issue!) },
    })
  }
  try {
    const hosts = await collect(boat.hosts({ ...context, config: checked.value }), {
      limit: MAX_HOSTS,
      signal: context.signal,
      tooMany: () => new ChaosError('HOST_REFERENCE', { message: `The boat "${provider}" gave more than ${MAX_HOSTS} hosts.`, hint: 'Narrow what it is asked for in its config.' }),
    })
    return hosts.map((each) => ({ reference: checkReference(each, source), source }))
  } catch (cause) {
    if (isChaosError(cause) || context.signal.aborted) throw cause
    throw new ChaosError('BOAT_FAILED', {
      message: `The boat "${provider}" could not tell its hosts: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Nothing was changed. Check that what it asks can be reached, and its config.',
      details: { provider },
      cause,
    })
  }
}
