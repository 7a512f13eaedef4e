import path from 'node:path'
import { discover } from '@chaos/discovery'
import type { Plugins } from '@chaos/discovery'
import { tellOfCrashes } from './crash.ts'
import { whileLoading } from './ended-early.ts'
import { OWN_PACKAGE } from './own-package.ts'

/** The plugins of a Ch-obolo, or of the folder we are in when there is none. */
export async function pluginsOf(chobolo: string | undefined): Promise<Plugins> {
  // From here on code of others may run.
  tellOfCrashes()
  const plugins = await discover({
    from: chobolo === undefined ? process.cwd() : path.dirname(chobolo),
    cli: OWN_PACKAGE,
  })
  return { ...plugins, load: (group, name) => whileLoading(`${group}/${name}`, () => plugins.load(group, name)) }
}
