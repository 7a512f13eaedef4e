import { text } from 'node:stream/consumers'
import { ChaosError, script, sh } from '@chaos/core'
import type { Connection } from '@chaos/core'
import { asRoot } from './elevate.ts'
import type { Root } from './root/prepare.ts'

/** Where a socket of the inside is outside; links are followed, as long as they stay inside. Code 3 and the link: it leads out. */
const PLACE = script(`root=$1 place=$(readlink -f "$1$2") || exit 1
case $place in "$root"/*) printf %s "$place" ;; *) printf %s "$place"; exit 3 ;; esac`)

/** A tunnel: the network is that of the machine underneath, a path is one below the root. */
export function dialer(base: Connection, root: Root, host: string): Connection['dial'] {
  const dial = base.dial?.bind(base)
  if (!dial) return undefined
  return async (to) => {
    if (!('path' in to)) return dial(to)
    // With mounts, what is seen inside is seen through the process that has them.
    const view = root.holder === undefined ? '' : `/proc/${root.holder.pid}/root`
    const mounts = root.holder === undefined ? sh`` : sh`nsenter -t ${root.holder.pid} -m -r`
    const asked = await base.spawn(asRoot(sh`${mounts} /bin/sh -c ${PLACE.text} sh ${root.path} ${to.path}`, root.sudo))
    asked.stdin.end()
    const [place, { code }] = await Promise.all([text(asked.stdout), asked.exit, text(asked.stderr)])
    if (code === 0) return dial({ path: `${view}${place}` })
    throw new ChaosError('DIAL_FAILED', {
      message: code === 3 ? `${to.path} leads to ${place}, which is not below ${root.path}.` : `There is no ${to.path} in ${root.path}.`,
      host,
      details: { place: to.path },
    })
  }
}
