import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ProviderContext } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'

/** A program op with the command line that 1Password documents: `read`, `item list`, `item create`, `vault list`. */
export interface Stub {
  /** What `op read` gives for a reference. */
  holds: (reference: string, value: string | Buffer) => void
  /** From now on op refuses everything with these words; undefined: no more. */
  refuses: (words: string | undefined) => void
  /** What lists and creations print. */
  prints: (command: 'item-list' | 'item-create' | 'vault-list', output: string) => void
  /** Its calls: the arguments. */
  calls: () => string[]
  /** What the last creation got on stdin. */
  created: () => unknown
  context: (config?: object) => ProviderContext
  bin: string
  remove: () => void
}

const STAMP = '[ERROR] 2026/01/02 03:04:05'
const PROGRAM = `#!/bin/sh
here=\${0%/*}/..
printf '%s\\n' "$*" >>"$here/calls"
refuse() { printf '${STAMP} %s\\n' "$1" >&2; exit 1; }
[ ! -e "$here/refuses" ] || refuse "$(cat "$here/refuses")"
case "$*" in
  'read --no-newline op://'*)
    file=$here/secrets/$(printf %s "$3" | tr -c 'A-Za-z0-9\\n' _)
    [ -e "$file" ] || refuse "could not read secret '$3': could not get item \${3#op://}: \\"x\\" isn't an item. Specify the item with its UUID, name, or domain."
    cat "$file" ;;
  'item list --vault '*' --format json'*) cat "$here/item-list" ;;
  'vault list --format json'*) cat "$here/vault-list" ;;
  'item create --vault '*' --format json -'*) cat >"$here/created"; cat "$here/item-create" ;;
  *) refuse "unknown command \\"$1\\" for \\"op\\"" ;;
esac
`

export function stub(): Stub {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-op-'))
  const at = (name: string): string => path.join(folder, name)
  for (const name of ['bin', 'secrets']) mkdirSync(at(name))
  writeFileSync(at('bin/op'), PROGRAM)
  chmodSync(at('bin/op'), 0o755)
  return {
    bin: at('bin'),
    holds: (reference, value) => writeFileSync(path.join(at('secrets'), reference.replaceAll(/[^A-Za-z0-9]/g, '_')), value),
    refuses: (words) => (words === undefined ? rmSync(at('refuses'), { force: true }) : writeFileSync(at('refuses'), words)),
    prints: (command, output) => writeFileSync(at(command), output),
    calls: () => (existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').split('\n').slice(0, -1) : []),
    created: () => JSON.parse(readFileSync(at('created'), 'utf8')),
    context: (config = {}) => ({ ...pluginContext(), config }),
    remove: () => rmSync(folder, { recursive: true }),
  }
}
