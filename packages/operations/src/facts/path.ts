import { ChaosError } from '@chaos/core'

/** A path as facts and touches compare it: absolute, without `//`, `/./` and a trailing slash. */
export function normalPath(path: string): string {
  if (!path.startsWith('/')) {
    throw new ChaosError('PATH_NOT_ABSOLUTE', { message: `The path ${JSON.stringify(path)} is not absolute.`, hint: 'Give a path that starts with /.' })
  }
  return `/${path.split('/').filter((part) => part !== '' && part !== '.').join('/')}`
}

/** All folders above a normal path, the highest first, without `/`. */
export function ancestorsOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
