import { describe, expect, it } from 'vitest'
import { changeRecipients, changeThreshold } from '../src/index.ts'
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

describe('keys of Vault', () => {
  const KEY = 'https://vault.example.net:8200/v1/transit/keys/chaos'
  const add = (text: string): string => changeRecipients(text, 'sops-config.yml', { kind: 'hc_vault', add: [KEY] })

  it('stand under the names that sops has for them, in a rule and in a key group', () => {
    expect(add('creation_rules:\n  - age: age1a\n')).toBe(`creation_rules:\n  - age: age1a\n    hc_vault_transit_uri: ${KEY}\n`)
    const grouped = add('creation_rules:\n  - key_groups:\n      - age:\n          - age1a\n')
    expect(grouped).toBe(`creation_rules:\n  - key_groups:\n      - age:\n          - age1a\n        hc_vault:\n          - ${KEY}\n`)
    expect(changeRecipients(grouped, 'sops-config.yml', { kind: 'hc_vault', remove: [KEY] })).toBe('creation_rules:\n  - key_groups:\n      - age:\n          - age1a\n')
  })

  it('that stand under the name of the Python tool get that of sops', () => {
    expect(add("creation_rules:\n  - key_groups:\n      - vault:\n          - 'https://v/v1/transit/keys/x' # ours\n")).toBe(`creation_rules:\n  - key_groups:\n      - hc_vault:\n          - 'https://v/v1/transit/keys/x' # ours\n          - ${KEY}\n`)
  })
})

describe('the threshold of a rule', () => {
  const threshold = (rule: number, count: number, text = CONFIG): string => changeThreshold(text, 'sops-config.yml', { rule, threshold: count })
  const THREE = CONFIG.replace('      - age:\n          - age1backup\n', '      - age:\n          - age1backup\n      - age:\n          - age1third\n')

  it('is set, and taken away with 0 or less, and comments stay', () => {
    expect(threshold(1, 3, THREE)).toBe(THREE.replace('shamir_threshold: 2', 'shamir_threshold: 3'))
    expect(threshold(1, 0)).toBe(CONFIG.replace('    shamir_threshold: 2\n', ''))
    expect(threshold(1, -1)).toBe(threshold(1, 0))
    expect([threshold(1, 2), threshold(0, 0)]).toEqual([CONFIG, CONFIG])
  })

  it.each([[1, 1], [1, 3], [0, 2]])('of rule %i is refused as %i', async (rule, count) => {
    expect(await failureOf(() => threshold(rule, count))).toMatchObject({ code: 'SOPS_THRESHOLD' })
  })

  it('of a rule that is not there is refused', async () => {
    expect(await failureOf(() => threshold(2, 2))).toMatchObject({ code: 'SOPS_CONFIG' })
  })
})
