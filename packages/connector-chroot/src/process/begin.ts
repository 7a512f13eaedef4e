import { sh } from '@chaos/core'
import type { Command } from '@chaos/core'
import { BEGIN } from '@chaos/containers/process'
import { asRoot } from '../elevate.ts'
import type { Root } from '../root/prepare.ts'
import { ENVIRONMENT } from '../root/prepare-script.ts'

/** A command inside a root, after the line that says which processes it and what it came from are; the latter may be sudo. */
export function enter({ path, sudo, holder }: Root, command: Command, mark: string): Command {
  const mounts = holder === undefined ? sh`` : sh`nsenter -t ${holder.pid} -m -r`
  return asRoot(sh`/bin/sh -c ${BEGIN.text} sh ${mark} $$ ${mounts} env -i ${ENVIRONMENT} chroot ${path} /bin/sh -c ${command.text}`, sudo)
}
