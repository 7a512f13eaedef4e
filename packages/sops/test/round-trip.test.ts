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
import { lines, root, text } from './trees.ts'

const dataKey = Uint8Array.from(Buffer.alloc(32, 7))
const groups = await wrapDataKey(dataKey, { groups: [age(ROPS_RECIPIENT)] }, 'a')
const sealed = (plain: string, format: FormatName) => seal(plain, 'a', { format: formatOf('a', format), rules: {}, dataKey, groups, threshold: 1 })

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
