import { ChaosError } from '@chaos/core'
import type { Host } from '@chaos/core'

/** What pacman says it cannot do, before anything was changed. */
export function refused(what: 'install' | 'remove', names: readonly string[], said: string, { name }: Host): ChaosError {
  return new ChaosError('PACKAGE_REFUSED', {
    message: `pacman on ${name} would not ${what} ${names.join(', ')}: ${said}`,
    hint: `Try it there: pacman ${what === 'install' ? '-S' : '-R'} ${names.join(' ')}`,
    host: name,
    details: { packages: names },
  })
}

/** A lock whose holder is gone: what it was doing is not known, so nobody but a person takes it away. */
export function staleLock(file: string, { name }: Host): ChaosError {
  return new ChaosError('PACKAGE_LOCK', {
    message: `${file} on ${name} was left behind: it says that a package manager is at work, and no process holds it.`,
    hint: `A package manager was cut off there. See that none is running, remove ${file}, and look what it was doing: pacman -Dk`,
    host: name,
    details: { file },
  })
}
