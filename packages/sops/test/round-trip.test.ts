import { revealSecret } from '@chaos/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { decryptSops, editing } from '../src/index.ts'
import type { FormatName } from '../src/index.ts'
import { seal } from '../src/seal.ts'
import { formatOf } from '../src/index.ts'
import { wrapDataKey } from '../src/keys/data-key.ts'
import { printYaml } from '../src/document/yaml-print.ts'
import { resolvePlain } from '../src/document/yaml-resolve.ts'
import { formatFloat } from '../src/value/float.ts'
import { str } from '../src/value/value.ts'
import { ROPS, ROPS_RECIPIENT, age, keysOf } from './support.ts'

const dataKey = Uint8Array.from(Buffer.alloc(32, 7))
const groups = await wrapDataKey(dataKey, { groups: [age(ROPS_RECIPIENT)] }, 'a')
const sealed = (plain: string, format: FormatName) => seal(plain, 'a', { format: formatOf('a', format), rules: {}, dataKey, groups, threshold: 1 })

/** Any Unicode text, among them those that YAML and sops have views on. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\n', ' ', '\t', '\0', '#', ':', '-', '"', "'", '|', 'a', '\r', '\u0085', '\u2028', '\ufeff', '🌍', '\\', '%', '=', '<', '1') }),
  fc.constantFrom('yes', 'null', '~', '1', '017', '0b1', '1_000', '2001-12-14', '.inf', '1e3', '---', '...', 'ENC[AES256_GCM,data:x]', '<<', '', ' ', '\n', 'a\n', 'a\n\n', '\na', 'a: b', 'a #b', '_unencrypted'),
).filter((each) => !/\p{Cs}/u.test(each))
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => (Object.is(each, -0) ? 0 : each)))
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, text, number, fc.boolean(), fc.constant(null), fc.array(tie('tree'), { maxLength: 4 }), tie('map')),
  map: fc.dictionary(text.filter((key) => key !== 'sops'), tie('tree'), { maxKeys: 5, noNullPrototype: true }),
}))
const root = fc.dictionary(text.filter((key) => key !== 'sops'), tree, { maxKeys: 5, noNullPrototype: true })
/** Go and JavaScript print whole numbers beyond 2^53 alike, but they come back as bigints. */
const comparable = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner)))

describe('whatever is encrypted is read again', () => {
  it('any JSON, also where it is not pretty', async () => {
    await fc.assert(fc.asyncProperty(root, fc.constantFrom(undefined, 2, '\t'), async (value, indent) => {
      const plain = JSON.stringify(value, null, indent)
      const file = await decryptSops(sealed(plain, 'json'), { file: 'a.json', ...keysOf(ROPS) })
      expect(comparable(file.plain())).toEqual(comparable(value))
      expect(comparable(JSON.parse(revealSecret(file.text)))).toEqual(comparable(value))
    }), { numRuns: 150 })
  })

  it('any JSON as YAML, in braces', async () => {
    await fc.assert(fc.asyncProperty(root, async (value) => {
      // In YAML these end a line.
      const plain = JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
      const file = await decryptSops(sealed(plain, 'yaml'), { file: 'a.yaml', ...keysOf(ROPS) })
      expect(comparable(file.plain())).toEqual(comparable(value))
    }), { numRuns: 150 })
  })

  it('any tree as YAML in lines, which another parser reads as the same', async () => {
    await fc.assert(fc.asyncProperty(root, async (value) => {
      const plain = lines(value, 0)
      const encrypted = sealed(plain, 'yaml')
      const file = await decryptSops(encrypted, { file: 'a.yaml', ...keysOf(ROPS) })
      expect(comparable(file.plain())).toEqual(comparable(value))
      const document = parseDocument(revealSecret(file.text))
      expect(document.errors).toEqual([])
      expect(comparable(document.toJS() ?? {})).toEqual(comparable(value))
      const again = await editing(encrypted, { file: 'a.yaml', ...keysOf(ROPS) })
      expect(again.seal(again.text)).toBe(encrypted)
    }), { numRuns: 100 })
  })
})

/** The tree in lines, texts as this package prints them. */
function lines(value: unknown, column: number): string {
  const indent = ' '.repeat(column)
  const place = { flow: false, column, alone: true }
  const inner = (node: unknown): string => {
    if (typeof node === 'string') return ` ${printYaml(str(node), place)}\n`
    if (typeof node !== 'object' || node === null) return ` ${JSON.stringify(node)}\n`
    if (Object.keys(node).length === 0) return Array.isArray(node) ? ' []\n' : ' {}\n'
    return `\n${lines(node, column + 2)}`
  }
  if (Array.isArray(value)) return value.map((item) => `${indent}-${inner(item)}`).join('')
  return Object.entries(value as object).map(([key, item]) => `${indent}${printYaml(str(key), { ...place, flow: true })}:${inner(item)}`).join('')
}

it('a printed text always reads back as itself, for sops and for YAML 1.2', () => {
  fc.assert(fc.property(text, fc.boolean(), fc.boolean(), (value, flow, alone) => {
    const printed = printYaml(str(value), { flow, column: 2, alone })
    const document = parseDocument(flow ? `{ k: ${printed} }` : `  k: ${printed}\n`)
    expect(document.errors).toEqual([])
    expect(document.toJS()).toEqual({ k: value })
    expect(/^["|]/.test(printed) ? str(value) : resolvePlain(printed)).toEqual(str(value))
  }), { numRuns: 1000 })
})

it('numbers are written as Go writes them, and read back', () => {
  expect([0, -0, 1, 1e21, 1e-7, 1234.56789, 0.1 + 0.2, 5e-324, -1.5, Infinity, -Infinity, NaN].map(formatFloat)).toEqual([
    '0', '-0', '1', '1000000000000000000000', '0.0000001', '1234.56789', '0.30000000000000004', `0.${'0'.repeat(323)}5`, '-1.5', '+Inf', '-Inf', 'NaN',
  ])
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => Object.is(Number(formatFloat(value)), value)))
})
