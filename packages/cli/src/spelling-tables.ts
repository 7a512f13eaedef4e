import { PROVIDER } from './spelling-provider.ts'

/** What a short spelling stands for; `=` says that a value follows. */
export type Table = Readonly<Record<string, string>>

/** Flags that name a key of a provider. */
const KEYS: Table = { p: PROVIDER, b: '--from-bw', B: '--from-bws', o: '--from-op', I: '--from-in', rb: '--from-rbw', dp: '--from-doppler' }

const APPLY: Table = {
  ...KEYS,
  f: '--fleet', d: '--dry', e: '--serial', y: '--yes', j: '--json', v: '--verbose', h: '--help', c: '--chobolo=',
  s: '--secrets', l: '--logbook', x: '--export-logs', t: '--team=', i: '--limani',
  nw: '--no-wait', ikwid: '--yes', pf: '--sudo-password-file=', ps: '--sudo-password-stdin',
  sf: '--secrets-file=', ss: '--sops-file=',
}

const SECRETS: Table = { ...KEYS, s: '--sops', j: '--json', v: '--values', i: '--index=', u: '--update', cr: '--create', y: '--yes', ikwid: '--yes', h: '--help', sf: '--secrets-file=', ss: '--sops-file=' }

/** By the command, or the command below it. */
export const TABLES: Readonly<Record<string, Table>> = {
  apply: APPLY,
  explain: { d: '--details=', c: '--complexity=', n: '--no-pretty', j: '--json', h: '--help' },
  check: { c: '--chobolo=', j: '--json', h: '--help', t: '--team=', sf: '--secrets-file=' },
  init: { t: '--template', u: '--human', c: '--chobolo=', y: '--yes', ikwid: '--yes', h: '--help', sf: '--secrets-file=', ss: '--sops-file=' },
  set: { h: '--help' },
  'secrets export': { t: '--key-type=', n: '--item-name=', k: '--key-file=', f: '--fingerprints', a: '--vault-addr=', N: '--no-import', s: '--save-to-config', h: '--help' },
  'secrets import': { t: '--key-type=', i: '--item-id=', o: '--output=', y: '--yes', ikwid: '--yes', h: '--help' },
  'secrets rotate-add': { ...SECRETS, s: '--keyserver=' },
  secrets: SECRETS,
  schema: { c: '--chobolo=', h: '--help' },
  styx: { y: '--yes', ikwid: '--yes', j: '--json', n: '--no-pretty', h: '--help' },
  trust: { c: '--chobolo=', y: '--yes', ikwid: '--yes', j: '--json', h: '--help' },
  unlock: { c: '--chobolo=', f: '--fleet', j: '--json', h: '--help' },
  exec: { c: '--chobolo=', f: '--fleet', j: '--json', v: '--verbose', h: '--help' },
}

/** Long spellings that were renamed. */
export const RENAMED: Table = {
  '--i-know-what-im-doing': '--yes',
  '--password': '--sudo-password-stdin',
}

/** Options with a meaning of their own when no command follows them. */
export const BASE: Table = { u: '--update-plugins', e: '--edit-chobolo', t: '--generate-tab', h: '--help', V: '--version', c: '--chobolo=' }
