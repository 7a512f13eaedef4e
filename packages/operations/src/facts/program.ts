import { defineFact, sh, touch } from '@chaos/core'
import { readerOf } from './probe.ts'

/** Where a program is, by its name or its absolute path; `null` = there is no such program, or it may not be run. */
export const program = defineFact({
  name: 'server.program',
  about: 'Where a program is, by its name or path.',
  many: {
    command: (calls: readonly (readonly [name: string])[]) => sh`for f in ${calls.map(([name]) => name)}; do command -v -- "$f"; printf '\0'; done`,
    split: (stdout, calls) => {
      const reader = readerOf(stdout)
      return calls.map(() => ({ stdout: new TextDecoder().decode(reader.nul()) }))
    },
  },
  // An alias or a function of the shell is no program.
  parse: (stdout): string | null => (stdout.startsWith('/') ? stdout.replace(/\n$/, '') : null),
  reads: () => [...['/bin', '/sbin', '/usr', '/opt'].map(touch.path), touch.named('package')],
})
