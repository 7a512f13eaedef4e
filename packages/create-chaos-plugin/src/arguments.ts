import { parseArgs } from 'node:util'
import { isKind, KINDS } from './kinds.ts'
import type { Kind } from './kinds.ts'

export interface Wanted {
  readonly name: string | undefined
  readonly kind: Kind | undefined
  /** Where it is written. Default: the package's name, without its scope, in the current folder. */
  readonly directory: string | undefined
  /** Who holds the copyright. Default: git's user.name, else the login name. */
  readonly author: string | undefined
  readonly help: boolean
}

/** What the command line says; a sentence when it cannot be understood. */
export function readArguments(argv: readonly string[]): Wanted | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { kind: { type: 'string', short: 'k' }, directory: { type: 'string', short: 'd' }, author: { type: 'string', short: 'a' }, help: { type: 'boolean', short: 'h' } },
    })
    const { kind, directory, author, help = false } = values
    if (positionals.length > 1) return `One name, not ${positionals.length}: ${positionals.join(', ')}.`
    if (kind !== undefined && !isKind(kind)) return `There is no kind ${JSON.stringify(kind)}. There is: ${Object.keys(KINDS).join(', ')}.`
    return { name: positionals[0], kind, directory, author, help }
  } catch (error) {
    return (error as Error).message
  }
}

export const HELP = `npm create chaos-plugin [NAME] -- [--kind KIND] [--directory FOLDER] [--author NAME]

NAME is the plugin's name (motd, @acme/motd) or the package's (chaos-role-motd).
KIND is one of:
${Object.entries(KINDS).map(([kind, about]) => `  ${kind.padEnd(10)} ${about}`).join('\n')}
`
