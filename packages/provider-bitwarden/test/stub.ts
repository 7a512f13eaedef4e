import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ProviderContext } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'

/** A bw that answers each of its commands as it was recorded, and keeps what it was given. */
export interface Stub {
  folder: string
  /** What `bw list`, `bw create`, … print, say, and end with. */
  answers: (command: string, answer: { stdout?: string; stderr?: string; code?: number }) => void
  /** What is in the vault. */
  vault: (...items: object[]) => void
  /** Its calls: arguments, BW_SESSION, stdin. */
  calls: () => string[]
  context: (config?: object) => ProviderContext
  remove: () => void
}

const PROGRAM = `#!/bin/sh
here=\${0%/*}/..
printf '%s|%s|%s\\n' "$*" "$BW_SESSION" "$(cat)" >>"$here/calls"
cat "$here/$1.out"
cat "$here/$1.err" >&2
exit "$(cat "$here/$1.code")"
`

/** A login as `bw list items` prints it. */
export const item = (id: string, name: string, more: object = {}): object => ({
  object: 'item', id, name, type: 1, notes: null, login: { username: 'CaNaRy', password: `of ${id}`, totp: null, uris: null }, fields: [], organizationId: null, collectionIds: [], ...more,
})

export function stub(): Stub {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-bw-'))
  const calls = path.join(folder, 'calls')
  mkdirSync(path.join(folder, 'bin'))
  writeFileSync(path.join(folder, 'bin/bw'), PROGRAM)
  chmodSync(path.join(folder, 'bin/bw'), 0o755)
  writeFileSync(calls, '')
  const answers: Stub['answers'] = (command, { stdout = '', stderr = '', code = 0 }) => {
    for (const [kind, text] of Object.entries({ out: stdout, err: stderr, code: `${code}` })) writeFileSync(path.join(folder, `${command}.${kind}`), text)
  }
  return {
    folder,
    answers,
    vault: (...items) => answers('list', { stdout: JSON.stringify(items) }),
    calls: () => readFileSync(calls, 'utf8').split('\n').slice(0, -1),
    context: (config = {}) => ({ ...pluginContext(), config }),
    remove: () => rmSync(folder, { recursive: true }),
  }
}
