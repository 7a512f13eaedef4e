import { defineFact, script, touch } from '@chaos/core'
import type { FactOutput } from '@chaos/core'
import { normalPath } from './path.ts'
import { denied, probe, readerOf } from './probe.ts'
import type { Reader } from './probe.ts'

/**
 * The SHA-256 of a regular file, in hex; symlinks are followed. `null` = nothing there, or not a
 * regular file: pipes and devices are never opened. A file that may not be read is an error.
 */
export const sha256 = defineFact({
  name: 'files.sha256',
  about: 'The SHA-256 of a regular file.',
  many: {
    command: (calls: readonly (readonly [path: string])[]) => probe(calls.map(([path]) => normalPath(path)), LOOK, script('sha256sum')),
    split: (stdout, calls) => splitHashes(readerOf(stdout), calls.map(([path]) => normalPath(path))),
  },
  parse: (stdout): string | null => stdout || null,
  reads: (path) => [touch.path(normalPath(path))],
})

const LOOK = script(`if [ -f "$f" ]; then if [ -r "$f" ]; then echo 1; k=1; else echo d; fi
elif [ -e "$f" ] || [ -L "$f" ]; then echo 0
else chaos_missing "$f"; fi`)

function splitHashes(reader: Reader, paths: readonly string[]): FactOutput[] {
  const looks = paths.map(() => reader.line())
  const outputs = looks.map((look, index): FactOutput => {
    const path = paths[index] ?? ''
    if (look === '1') return { stdout: hashOf(reader, path) }
    return look === 'd' ? denied(path) : { stdout: '' }
  })
  if (!reader.ended) throw new Error('sha256sum answered more than was asked')
  return outputs
}

const HEX = '0123456789abcdef'.split('')

/** The names are known and come in order, so whatever they hold they are only compared, never searched for. */
export function hashOf(reader: Reader, path: string): string {
  const escaped = reader.take(bytes('\\'))
  let hash = ''
  while (hash.length < 64) {
    const digit = HEX.find((each) => reader.take(bytes(each)))
    if (digit === undefined) throw new Error(`sha256sum said nothing of ${path}; it may have changed while it was looked at`)
    hash += digit
  }
  const backslash = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  const spellings = escaped ? [backslash.replaceAll('\r', '\\r'), backslash] : [path]
  if (!spellings.some((name) => reader.take(bytes(`  ${name}\n`)))) throw new Error(`sha256sum did not answer for ${path}`)
  return hash
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text)
}
