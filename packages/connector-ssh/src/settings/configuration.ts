import type { PluginContext } from '@chaos/core'
import type { Configuration, Lookup } from './lookup.ts'
import { askSsh } from './openssh.ts'

/** Looks a host up as OpenSSH itself does; without an `ssh` program by our own reading of the files. Once per run and host. */
export function configurationOf(lookup: Lookup, context: PluginContext): Promise<Configuration> {
  const { name, user, port, file } = lookup
  return context.cache(`ssh -G ${JSON.stringify([name, user, port, file])}`, async () => {
    const found = await askSsh(lookup, context)
    if (found) return found
    const { readConfiguration } = await import('./config-file/read.ts')
    return readConfiguration(lookup)
  })
}

/** What holds when nobody configured anything: `ssh -G` does not tell a default from the same thing written down. */
export function defaultConfiguration(context: PluginContext): Promise<Configuration> {
  return configurationOf({ name: 'localhost', user: undefined, port: undefined, file: 'none' }, context)
}
