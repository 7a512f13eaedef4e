import { sh } from '@chaos/core'
import type { Command } from '@chaos/core'

/** Programs of root are often missing in the PATH of others. */
const PATH = sh`PATH=$PATH:/usr/sbin:/sbin`

/** Becomes a program, as root: `argv` through sudo if that is needed, and never with a question. */
export function asRoot(argv: Command, sudo: boolean): Command {
  return sudo ? sh`${PATH}; exec sudo -n -- ${argv}` : sh`${PATH}; exec ${argv}`
}

/** The same where it is not known yet who we are. Without sudo, or without a need for it, it says so behind the mark. */
export function asRootIfNeeded(argv: Command, sudo: boolean, mark: string): Command {
  const user = sudo ? sh`echo ${mark} sudo yes; ${asRoot(argv, true)}` : sh`echo ${mark} user "$(id -un)"; exit 0`
  return sh`if [ "$(id -u)" != 0 ]; then ${user}; fi; ${asRoot(argv, false)}`
}
