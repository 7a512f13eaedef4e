import type { Command } from 'commander'
import type { StyxOptions } from './options.ts'
import { add } from './parts.ts'
import type { Start } from './start.ts'

/** `chaos styx …` */
export function addStyx(program: Command, start: Start): void {
  const styx = add(program, 'styx', 'reviewed plugins: list, install, update, remove and verify them')
  const registry = (self: Command): Command => self.option('--registry <place>', 'URL or path of the registry; default $CHAOS_STYX_REGISTRY, else the config')
  registry(add(styx, 'list', 'what the registry has')).argument('[name...]')
    .option('--installed', 'only what is installed')
    .option('-j, --json', 'as JSON')
    .action((names: string[], options: StyxOptions) => start(() => import('../commands/styx.ts'), 'list', names, options))
  registry(add(styx, 'invoke', 'install plugins of the registry, without their scripts')).argument('<name...>')
    .action((names: string[], options: StyxOptions) => start(() => import('../commands/styx.ts'), 'invoke', names, options))
  add(styx, 'destroy', 'remove plugins that styx installed').argument('<name...>')
    .option('-y, --yes', 'without a question')
    .action((names: string[], options: StyxOptions) => start(() => import('../commands/styx.ts'), 'destroy', names, options))
  registry(add(styx, 'update', 'install the versions that the registry has now')).argument('[name...]')
    .option('-y, --yes', 'without a question')
    .action((names: string[], options: StyxOptions) => start(() => import('../commands/styx.ts'), 'update', names, options))
  registry(add(styx, 'verify', 'look again at what is installed: hashes, files, the registry, signatures')).argument('[name...]')
    .option('-j, --json', 'as JSON')
    .action((names: string[], options: StyxOptions) => start(() => import('../commands/styx.ts'), 'verify', names, options))
}
