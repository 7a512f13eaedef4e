import { sh } from '@chaos/core'
import type { Command } from '@chaos/core'
import { BEGIN } from '@chaos/containers/process'
import type { Lxc } from '../lxc.ts'

/** What LXC does not set; its PATH is as good as any. */
const ENVIRONMENT = ['HOME=/root', 'USER=root', 'LOGNAME=root', 'SHELL=/bin/sh']

/** A command inside a container, after the line that says its pid there. Its session is one that is not seen inside. */
export function enter(lxc: Lxc, command: Command, mark: string): Command {
  const program = sh`/bin/sh -c ${BEGIN.text} sh ${mark} '' /bin/sh -c ${command.text}`
  return lxc.command('lxc-attach', sh`--clear-env ${ENVIRONMENT.map((each) => sh`--set-var ${each}`)} -- ${program}`)
}
