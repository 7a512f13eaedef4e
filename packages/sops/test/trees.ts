import fc from 'fast-check'
import { printYaml } from '../src/document/yaml-print.ts'
import { str } from '../src/value/value.ts'

/** Any Unicode text, among them those that YAML and sops have views on. */
export const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\n', ' ', '\t', '\0', '#', ':', '-', '"', "'", '|', 'a', '\r', '\u0085', '\u2028', '\ufeff', '🌍', '\\', '%', '=', '<', '1') }),
  fc.constantFrom('yes', 'null', '~', '1', '017', '0b1', '1_000', '2001-12-14', '.inf', '1e3', '---', '...', 'ENC[AES256_GCM,data:x]', '<<', '', ' ', '\n', 'a\n', 'a\n\n', '\na', 'a: b', 'a #b', '_unencrypted'),
).filter((each) => !/\p{Cs}/u.test(each))
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => (Object.is(each, -0) ? 0 : each)))
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, text, number, fc.boolean(), fc.constant(null), fc.array(tie('tree'), { maxLength: 4 }), tie('map')),
  map: fc.dictionary(text.filter((key) => key !== 'sops'), tie('tree'), { maxKeys: 5, noNullPrototype: true }),
}))
/** What a file may hold. */
export const root = fc.dictionary(text.filter((key) => key !== 'sops'), tree, { maxKeys: 5, noNullPrototype: true })

/** The tree in lines, texts as this package prints them. */
export function lines(value: unknown, column = 0): string {
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
