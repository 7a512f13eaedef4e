import { readFileSync } from 'node:fs'
import path from 'node:path'

/** The folder of this package. Only a file that lies directly in `src`, and so in `dist`, can say it. */
export const OWN_PACKAGE = path.join(import.meta.dirname, '..')

export function ownVersion(): string {
  return (JSON.parse(readFileSync(path.join(OWN_PACKAGE, 'package.json'), 'utf8')) as { version: string }).version
}
