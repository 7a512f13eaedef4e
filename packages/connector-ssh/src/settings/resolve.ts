import type { PluginContext, Target } from '@chaos/core'
import { ChaosError, isChaosError } from '@chaos/core'
import { configurationOf, defaultConfiguration } from './configuration.ts'
import type { Lookup } from './lookup.ts'
import type { Settings } from './contract.ts'
import { dataOf } from './data.ts'
import { hopsOf } from './hops.ts'
import type { HostData } from './keys.ts'
import { readPlace } from './names.ts'
import { dataPath } from './paths.ts'
import { fillingOf, readSettings } from './read.ts'
import { refused } from './refused.ts'

/**
 * How a machine is reached: the host's data, over OpenSSH's configuration, over defaults. The configuration is looked up by
 * `ssh_hostname`, or else the host's name: whatever one would write after `ssh`.
 *
 * Errors: `SSH_NAME`, `SSH_DATA`, `SSH_CONFIG`, `SSH_JUMP_LOOP`.
 */
export async function resolveSettings(target: Target, context: PluginContext): Promise<Settings> {
  try {
    const data = dataOf(target)
    const lookup = lookupOf(target, data)
    const settings = await settingsOf(target.argument, lookup, data, context)
    // On another layer, that layer is the way.
    return target.below.length > 0 ? { ...settings.own, proxyCommand: undefined } : { ...settings.own, jumps: await settings.jumps([]) }
  } catch (error) {
    if (!isChaosError(error) || error.host !== undefined) throw error
    const { code, message, hint, details } = error
    throw new ChaosError(code, { message, host: target.host, cause: error.cause, ...(hint === undefined ? {} : { hint }), ...(details === undefined ? {} : { details }) })
  }
}

function lookupOf({ argument, host }: Target, data: HostData): Lookup {
  const place = readPlace(argument, `the name ${host}`)
  const user = data.ssh_user ?? place.user
  if (place.user !== undefined && user !== place.user) {
    throw refused('SSH_DATA', `${host} names the user ${place.user}, and its data ssh_user ${user}.`, 'Leave one of them out.')
  }
  const port = data.ssh_port ?? place.port
  return { name: data.ssh_hostname ?? place.host, user, port, file: data.ssh_config_file === undefined ? undefined : dataPath(data.ssh_config_file) }
}

/** The settings of one machine by itself, and how to find the hops before it. `chain` is what led to it. */
async function settingsOf(name: string, lookup: Lookup, data: HostData, context: PluginContext): Promise<{ own: Settings; jumps(chain: readonly string[]): Promise<Settings[]> }> {
  const [found, defaults] = await Promise.all([configurationOf(lookup, context), defaultConfiguration(context)])
  const own = readSettings({ name, lookup, found, defaults, data })
  return {
    own,
    jumps: (chain) => hopsOf(found.get('proxyjump')?.[0], { lookup, filling: fillingOf(lookup, found), chain }, (hop) => settingsOf(hop.name, hop, wayOf(data), context)),
  }
}

/** What hops take from the host's data: how patiently they are connected to. Users, keys, passwords and trusted keys are each machine's own. */
function wayOf(data: HostData): HostData {
  const { ssh_connect_retries, ssh_connect_retry_min_delay, ssh_connect_retry_max_delay, ssh_connect_timeout, ssh_keepalive, ssh_transport } = data
  return { ssh_connect_retries, ssh_connect_retry_min_delay, ssh_connect_retry_max_delay, ssh_connect_timeout, ssh_keepalive, ssh_transport }
}
