import { defineFact, sh, touch } from '@chaos/core'
import { LOOKING } from './command.ts'

type Call = readonly [name: string]

/** The version of a package that apt would install now, by its pins; undefined = it offers none. */
export const aptOffer = defineFact({
  name: 'apt.offer',
  about: 'The version of a package that would be installed now.',
  many: {
    command: (calls: readonly Call[]) => sh`export LC_ALL=C
dpkg --print-architecture && apt-cache ${LOOKING} policy -- ${calls.map(([name]) => name)}`,
    split: (stdout, calls) => {
      const [architecture = '', ...lines] = new TextDecoder().decode(stdout).split('\n')
      if (architecture === '') throw new Error('apt-cache gave no answer')
      const candidates = candidatesOf(lines)
      const suffix = `:${architecture}`
      return calls.map(([name]) => ({ stdout: candidates.get(name.endsWith(suffix) ? name.slice(0, -suffix.length) : name) ?? '' }))
    },
  },
  parse: (stdout): string | undefined => (stdout === '' ? undefined : stdout),
  reads: () => [touch.named('package'), touch.named('package-index'), touch.path('/etc/apt')],
})

function candidatesOf(lines: readonly string[]): Map<string, string> {
  const candidates = new Map<string, string>()
  let name = ''
  for (const line of lines) {
    name = /^(\S+):$/.exec(line)?.[1] ?? name
    const version = /^ {2}Candidate: ([A-Za-z0-9.+~:-]+)$/.exec(line)?.[1]
    if (version !== undefined) candidates.set(name, version)
  }
  return candidates
}
