import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { configFor, creationRule, findSopsConfig, inspectSops, readSopsConfig } from '../src/index.ts'
import { OTHER_RECIPIENT, PGP, ROPS_RECIPIENT, age, failureOf } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'chaos-sops-rules-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const config = join(folder, '.sops.yaml')
const rule = (text: string, file: string) => creationRule(text, config, join(folder, file))

const CONFIG = `creation_rules:
  - path_regex: ^prod/.*\\.ya?ml$
    key_groups:
      - age: [${ROPS_RECIPIENT}]
        pgp: ['FBC7 B9E2 A4F9 289A C0C1  D484 3D16 CEE4 A273 81B4']
      - merge:
          - age: ['${OTHER_RECIPIENT}']
        kms: [{ arn: 'arn:aws:kms:x' }]
    shamir_threshold: 2
    encrypted_regex: ^(data|stringData)$
    mac_only_encrypted: true
  - path_regex: \\.json$
    age: '${ROPS_RECIPIENT}, ${OTHER_RECIPIENT},'
    pgp: [${PGP}]
    hc_vault_transit_uri: https://vault/v1/transit/keys/x
  - age: ${ROPS_RECIPIENT}
`

describe('the rule for a new file', () => {
  it('is the first whose path_regex fits the path from the config', () => {
    expect(rule(CONFIG, 'prod/db.yml')).toEqual({
      groups: [[...age(ROPS_RECIPIENT), { kind: 'pgp', id: PGP }], [...age(OTHER_RECIPIENT), { kind: 'kms', id: 'arn:aws:kms:x' }]],
      threshold: 2, rules: { encrypted_regex: '^(data|stringData)$', mac_only_encrypted: true },
    })
    expect(rule(CONFIG, 'x/prod/a.json')).toEqual({ groups: [[...age(ROPS_RECIPIENT, OTHER_RECIPIENT), { kind: 'pgp', id: PGP }, { kind: 'hc_vault', id: 'https://vault/v1/transit/keys/x' }]], rules: {} })
    expect(rule(CONFIG, 'x/prod/a.yml')).toEqual({ groups: [age(ROPS_RECIPIENT)], rules: {} })
  })

  it('is that of a Ch-aOS sops-config.yml, given by its path', () => {
    const path = join(folder, 'sops-config.yml')
    writeFileSync(path, `creation_rules:\n  - path_regex: 'secrets.*\\.yml$'\n    key_groups:\n      - age:\n          - ${ROPS_RECIPIENT}\n        vault: ['https://v/v1/transit/keys/x']\n`)
    expect(readSopsConfig(path, '/elsewhere/secrets.yml').groups).toEqual([[...age(ROPS_RECIPIENT), { kind: 'hc_vault', id: 'https://v/v1/transit/keys/x' }]])
  })

  it('is found in the nearest .sops.yaml above the file', () => {
    mkdirSync(join(folder, 'a/b'), { recursive: true })
    writeFileSync(config, CONFIG)
    expect(findSopsConfig(join(folder, 'a/b/c.yml'))).toBe(config)
    writeFileSync(join(folder, 'a/.sops.yaml'), CONFIG)
    expect(findSopsConfig(join(folder, 'a/b/c.yml'))).toBe(join(folder, 'a/.sops.yaml'))
    expect(findSopsConfig('/c.yml')).toBeUndefined()
  })
})

describe('a config for one file', () => {
  it('has its rule alone, for wherever the file lies', () => {
    const text = `stores: { yaml: { indent: 2 } }\n${CONFIG}`
    const own = configFor(text, config, join(folder, 'prod/db.yml'))
    expect(JSON.parse(own)).toMatchObject({ stores: { yaml: { indent: 2 } }, creation_rules: [{ shamir_threshold: 2, mac_only_encrypted: true }] })
    expect(creationRule(own, config, '/elsewhere/x.yml')).toEqual(rule(CONFIG, 'prod/db.yml'))
  })
})

describe('keys of clouds', () => {
  it('are known by the same name in a config and in a file', () => {
    const keys = { kms: [{ arn: 'arn:x', role: 'arn:r' }], azure_keyvault: [{ vaultUrl: 'https://v.example', key: 'k', version: '1' }], hc_vault: ['https://v/v1/transit/keys/x'] }
    const text = `a: ENC[x]\nsops:\n    kms: [{arn: "arn:x", role: "arn:r", enc: eA==}]\n    azure_kv: [{vault_url: "https://v.example", name: k, version: "1", enc: eA==}]\n    hc_vault: [{vault_address: "https://v", engine_path: transit, key_name: x, enc: eA==}]\n    lastmodified: "2024-01-01T00:00:00Z"\n`
    const ids = (groups: readonly (readonly { kind: string; id: string }[])[]): string[] => groups.flat().map(({ kind, id }) => `${kind} ${id}`).toSorted()
    expect(ids(inspectSops(text, { file: 'a.yml' }).groups)).toEqual(ids(rule(JSON.stringify({ creation_rules: [{ key_groups: [keys] }] }), 'a.yml').groups))
    expect(rule('creation_rules: [{azure_keyvault: https://v.example/keys/k/1}]', 'a.yml').groups).toEqual([[{ kind: 'azure_kv', id: 'https://v.example/keys/k/1' }]])
  })
})

describe('a config that means nothing is refused', () => {
  it.each([
    ['creation_rules: [', 'SOPS_CONFIG'], ['', 'SOPS_CONFIG'], ['creation_rules: x', 'SOPS_CONFIG'], ['creation_rules: [x]', 'SOPS_CONFIG'], ['creation_rules: []', 'SOPS_NO_RULE'],
    ['creation_rules: [{path_regex: ^x$}]', 'SOPS_NO_RULE'], ['creation_rules: [{path_regex: "(?!x)"}]', 'SOPS_REGEX'], ['creation_rules: [{path_regex: 5}]', 'SOPS_CONFIG'], ['creation_rules: [{age: 5}]', 'SOPS_CONFIG'],
    ['creation_rules: [{age: [5]}]', 'SOPS_CONFIG'], ['creation_rules: [{key_groups: x}]', 'SOPS_CONFIG'], ['creation_rules: [{key_groups: [{age: x}]}]', 'SOPS_CONFIG'], ['creation_rules: [{shamir_threshold: x}]', 'SOPS_CONFIG'],
    ['creation_rules: [{encrypted_regex: "["}]', 'SOPS_REGEX'], ['creation_rules: [{encrypted_regex: a, encrypted_suffix: b}]', 'SOPS_METADATA'], ['creation_rules: [{encrypted_regex: [a]}]', 'SOPS_CONFIG'],
  ])('%s', async (text, code) => {
    const error = await failureOf(() => rule(text, 'a.yml'))
    expect([error.code, error.message.startsWith(config), Boolean(error.hint)]).toEqual([code, true, true])
  })

  it('or is not there', async () => {
    expect((await failureOf(() => readSopsConfig(join(folder, 'nope.yml'), 'a.yml'))).code).toBe('SOPS_CONFIG')
  })
})
