import { revealSecret } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { decryptSops, encryptSops } from '../src/index.ts'
import type { SelectionRules } from '../src/index.ts'
import { goRegex } from '../src/selection/go-regex.ts'
import { ROPS, ROPS_RECIPIENT, age, failureOf, keysOf } from './support.ts'

const file = 'a.yaml'
/** The text, with E for what is encrypted; it is read again on the way. */
async function selected(plain: string, rules: SelectionRules): Promise<string> {
  const text = await encryptSops(plain, { file, groups: [age(ROPS_RECIPIENT)], rules })
  expect(revealSecret((await decryptSops(text, { file, ...keysOf(ROPS) })).text)).toBe(plain)
  return text.replace(/ENC\[[^\]]*\]/g, 'E').replace(/\nsops:[^]*/, '\n')
}

describe('what is encrypted', () => {
  const plain = 'a: x\nb_unencrypted:\n  c: u\nd:\n  e_unencrypted: z\n  f: w\n'

  it('is all but what a key with the suffix leads to', async () => {
    expect(await selected(plain, {})).toBe('a: E\nb_unencrypted:\n  c: u\nd:\n  e_unencrypted: z\n  f: E\n')
    expect(await selected(plain, { unencrypted_suffix: 'd' })).toBe('a: E\nb_unencrypted:\n  c: u\nd:\n  e_unencrypted: z\n  f: w\n')
  })

  it('is what a key with encrypted_suffix leads to', async () => {
    expect(await selected(plain, { encrypted_suffix: '_unencrypted' })).toBe('a: x\nb_unencrypted:\n  c: E\nd:\n  e_unencrypted: E\n  f: w\n')
  })

  it('is what a key that fits a regular expression leads to, or what none does', async () => {
    expect(await selected(plain, { encrypted_regex: '^(a|d)$' })).toBe('a: E\nb_unencrypted:\n  c: u\nd:\n  e_unencrypted: E\n  f: E\n')
    expect(await selected(plain, { unencrypted_regex: '^(a|d)$' })).toBe('a: x\nb_unencrypted:\n  c: E\nd:\n  e_unencrypted: z\n  f: w\n')
    expect(await selected(plain, { encrypted_regex: '(?i)^A$' })).toContain('a: E\n')
  })

  // What sops 3.13 makes of the same texts.
  const marked = '# sops:enc\nsecret_a: one\n# plain\npublic_b: two\nnested:\n    # sops:enc\n    inner: three\n    other: four\nlist:\n    # sops:enc\n    - five\n    - six\npw: p # sops:enc\ntoken: t\n'

  it('is what stands below a comment that fits; the comment itself stays', async () => {
    expect(await selected(marked, { encrypted_comment_regex: 'sops:enc' })).toBe(
      '# sops:enc\nsecret_a: E\n# plain\npublic_b: two\nnested:\n    # sops:enc\n    inner: E\n    other: four\nlist:\n    # sops:enc\n    - E\n    - six\npw: E # sops:enc\ntoken: t\n')
  })

  it('is all but what stands below a comment that fits', async () => {
    expect(await selected(marked, { unencrypted_comment_regex: 'plain' })).toBe(
      '#E\nsecret_a: E\n# plain\npublic_b: two\nnested:\n    #E\n    inner: E\n    other: E\nlist:\n    #E\n    - E\n    - E\npw: E #E\ntoken: E\n')
  })

  it('is said by one rule', async () => {
    expect((await failureOf(async () => selected(plain, { encrypted_regex: 'a', encrypted_suffix: 'b' }))).code).toBe('SOPS_METADATA')
  })

  it('comments belong to the map that is written around them', async () => {
    const text = '# head\na: 1 # behind\nb:\n  # before c\n  c: two\n  d: [x, y] # behind a list\ne:\n  # before first\n  - one\n\n  # after a blank line\n  - two\n  # last\n# foot\n'
    expect(await selected(text, { unencrypted_regex: '^(b|e)$' })).toBe('#E\na: E #E\nb:\n  # before c\n  c: two\n  d: [x, y] # behind a list\ne:\n  # before first\n  - one\n\n  # after a blank line\n  - two\n  # last\n#E\n')
  })
})

describe('regular expressions of Go', () => {
  it.each<[string, string[], string[]]>([
    ['^(data|stringData)$', ['data', 'stringData'], ['metadata', 'Data']],
    ['(?i)pass', ['PASSWORD', 'my_pass'], ['pas']],
    ['\\.ya?ml\\z', ['a.yml', 'b.yaml'], ['yml', 'a.yml\n']],
    ['\\Asecrets\\/[^/]+$', ['secrets/a'], ['x/secrets/a', 'secrets/a/b']],
    ['[[:upper:]][[:digit:]_]+', ['A1', 'B_'], ['a1']],
    ['\\Qa.b\\E+', ['a.b', 'a.bb'], ['axb']],
    ['(?P<name>x)\\-\\x41\\x{1F30D}', ['x-A🌍'], ['xA']],
    ['^\\pL+$', ['äb'], ['a1']], ['\\p{Greek}', ['α'], ['a']],
    ['[]a]', [']', 'a'], ['b']], ['a{,2}', ['a{,2}'], ['aa']], ['^.$', ['🌍', '\r', '\u2028'], ['ab', '\n']], ['(?s)^.$', ['\n'], []], ['a\\sb', ['a b', 'a\tb'], ['a\u00a0b', 'a\vb']], ['^[\\s.]\\S$', ['.x', ' \u00a0'], ['. ']], ['[a-c.\\-]$', ['-', 'b', '.'], ['d']],
  ])('%s', (source, fits, others) => {
    const regex = goRegex(source)
    expect([fits.filter((each) => !regex?.test(each)), others.filter((each) => regex?.test(each))]).toEqual([[], []])
  })

  it.each(['(?=a)', '(?!a)', '(?<=a)b', '(a)\\1', '\\k<x>', '[[:nope:]]', '(', '[', 'a**', '[\\S]', '\\cA', '\\u0041', '(?m', '\\'])('%s is refused: Go and JavaScript do not share it', (source) => {
    expect(goRegex(source)).toBeUndefined()
  })
})
