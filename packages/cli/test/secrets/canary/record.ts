import { chmodSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Desk } from '../../command-line.ts'

/**
 * Puts programs of others into `bin` of a desk, each of which writes its arguments and its whole environment to the desk's file `given`
 * before it starts: they end too soon for somebody who looks about.
 */
export function record({ folder, write }: Desk, programs: Record<string, string>): void {
  const given = path.join(folder, 'given')
  for (const [name, program] of Object.entries(programs)) {
    chmodSync(write(`bin/${name}`, `#!/bin/sh\n{ echo "asked: ${name} $*"; tr '\\0' '\\n' </proc/$$/cmdline; tr '\\0' '\\n' </proc/$$/environ; } >>${given}\nexec ${program} "$@"\n`), 0o755)
  }
}

/** What they were started with since the file was there. */
export function asked({ folder }: Desk): string[] {
  return [...readFileSync(path.join(folder, 'given'), 'utf8').matchAll(/^asked: (.*)$/gm)].map(([, words]) => words as string).toSorted()
}
