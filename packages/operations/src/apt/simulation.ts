import { defineFact, touch } from '@chaos/core'
import { aptSimulate } from './command.ts'

/** What a command of apt would do. */
export interface Simulation {
  readonly installs: readonly { name: string; version: string; from: string | undefined }[]
  /** All that would go, with what depends on it. */
  readonly removes: readonly string[]
  /** Why it would fail. */
  readonly error: string | undefined
  /** Names and versions that the index does not have, if that is why. */
  readonly unknown: readonly string[]
}

/** What `apt-get VERB` would do, dependencies and all. */
export const aptSimulation = defineFact({
  name: 'apt.simulation',
  about: 'What a command of apt-get would install and remove, dependencies and all.',
  command: (verb: string, options: readonly string[], words: readonly string[]) => aptSimulate(verb, options, words),
  exit: [0, 100],
  parse: (stdout, { code, stderr }): Simulation => {
    const lines = stdout.split('\n')
    const errors = stderr.split('\n').filter((line) => line.startsWith('E: ')).map((line) => line.slice(3))
    return {
      installs: lines.flatMap((line) => {
        const [, name, from, version] = /^Inst (\S+) (?:\[([^\]]*)\] )?\(([^\s)]+)/.exec(line) ?? []
        return name === undefined || version === undefined ? [] : [{ name, version, from }]
      }),
      removes: lines.flatMap((line) => /^(?:Remv|Purg) (\S+)/.exec(line)?.[1] ?? []),
      error: code === 0 ? undefined : [...errors, ...reasons(lines)].join('; ') || `apt-get ended with exit code ${code}`,
      unknown: code === 0 ? [] : [...new Set(errors.flatMap(unknownOf))],
    }
  },
  reads: () => [touch.named('package'), touch.named('package-index'), touch.path('/etc/apt')],
})

function unknownOf(error: string): string[] {
  const [, name] = /^Unable to locate package (\S+)$/.exec(error) ?? /^Package '(\S+)' has no installation candidate$/.exec(error) ?? []
  if (name !== undefined) return [name]
  const [, version, of] = /^Version '(\S+)' for '(\S+)' was not found$/.exec(error) ?? []
  return of === undefined ? [] : [`${of}=${version}`]
}

/** apt says in its output what cannot be together: `bbb : Depends: aaa but it is not installable`. */
function reasons(lines: readonly string[]): string[] {
  const start = lines.findIndex((line) => /^The following packages have unmet dependencies:|is a virtual package provided by:$/.test(line))
  return start < 0 ? [] : lines.slice(start, start + 8).filter((line) => line.trim() !== '').map((line) => line.trim().replaceAll(/\s+/g, ' '))
}
