import { describe, expect, it } from 'vitest'
import { changeRecipients } from '../src/index.ts'
import type { RecipientChange } from '../src/index.ts'
import { failureOf } from './support.ts'

const CONFIG = `# ours
creation_rules:
  - path_regex: dev/.*
    age: age1a,age1b # both
  - path_regex: prod/.*
    shamir_threshold: 2
    key_groups:
      - age:
          - age1a # ana
          - age1b # ben
        pgp:
          - FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4
      - age:
          - age1backup
`
const change = (asked: RecipientChange): string => changeRecipients(CONFIG, 'sops-config.yml', asked)

describe('changing the recipients of a config', () => {
  it('adds to every group of the kind, and keeps comments', () => {
    expect(change({ kind: 'age', add: ['age1c'] })).toBe(CONFIG.replace('age1a,age1b # both', 'age1a,age1b,age1c # both').replace('          - age1b # ben\n', '          - age1b # ben\n          - age1c\n').replace('          - age1backup\n', '          - age1backup\n          - age1c\n'))
  })

  it('adds to one rule, and as a group of its own', () => {
    expect(change({ kind: 'age', add: ['age1c'], rule: 0 })).toBe(CONFIG.replace('age1a,age1b', 'age1a,age1b,age1c'))
    expect(change({ kind: 'pgp', add: ['AAAA'], rule: 1, newGroup: true })).toBe(`${CONFIG}      - pgp:\n          - AAAA\n`)
  })

  it('removes where it stands, and gives the same text where nothing changes', () => {
    expect(change({ kind: 'age', remove: ['age1b'] })).toBe(CONFIG.replace(',age1b', '').replace('          - age1b # ben\n', ''))
    expect(change({ kind: 'pgp', remove: ['fbc7 b9e2 a4f9 289a c0c1 d484 3d16 cee4 a273 81b4'] })).toBe(CONFIG.replace(/ +pgp:\n.*\n/, ''))
    expect(change({ kind: 'age', add: ['age1a'], rule: 0 })).toBe(CONFIG)
    expect(change({ kind: 'age', remove: ['age1nobody'] })).toBe(CONFIG)
  })

  it('refuses to leave nobody, fewer groups than are asked for, and rules that are not there', async () => {
    expect(await failureOf(() => change({ kind: 'age', remove: ['age1a', 'age1b'], rule: 0 }))).toMatchObject({ code: 'SOPS_NO_RECIPIENT' })
    expect(await failureOf(() => change({ kind: 'age', remove: ['age1backup'] }))).toMatchObject({ code: 'SOPS_SHARES' })
    expect(await failureOf(() => change({ kind: 'age', add: ['age1c'], rule: 2 }))).toMatchObject({ code: 'SOPS_CONFIG' })
  })
})
