import { isSecret, revealSecret } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { checkPlain, decryptSops, encryptSops, openedBy } from '../src/index.ts'
import type { SelectionRules } from '../src/index.ts'
import { ROPS, ROPS_RECIPIENT, age, failureOf, keysOf, shown } from './support.ts'

const file = 'a.yaml'
const PLAIN = '# head\nuser: canary\nport_unencrypted: 80\nlist: [one, 2, true, "", null]\nmap:\n  # plain: inner\n  a: canary\n'
const sealed = (rules: SelectionRules = {}): Promise<string> => encryptSops(PLAIN, { file, groups: [age(ROPS_RECIPIENT)], rules })
/** As texts, Secrets marked. */
const marked = (tree: unknown): string => JSON.stringify(tree, (_, value: unknown) => (isSecret(value) ? `secret ${revealSecret(value)}` : value))

describe('a file that another program decrypted', () => {
  it.each<SelectionRules>([{}, { encrypted_regex: '^user$' }, { unencrypted_comment_regex: 'plain' }, { encrypted_suffix: 'map' }])('has the Secrets that it has when it is decrypted here: %j', async (rules) => {
    const text = await sealed(rules)
    const here = await decryptSops(text, { file, ...keysOf(ROPS) })
    // As sops prints it: in its own layout.
    const there = openedBy(text, PLAIN.replace('list: [one, 2, true, "", null]', 'list:\n    - one\n    - 2\n    - true\n    - ""\n    - null'), { file })
    expect(marked(there.secrets())).toBe(marked(here.secrets()))
    expect([there.plain(), there.metadata]).toEqual([here.plain(), here.metadata])
  })

  it.each([
    ['rubbish', 'canary'], ['half of it', PLAIN.slice(0, 40)], ['a key more', `${PLAIN}canary: 1\n`], ['no YAML', 'a: [canary'], ['nothing', ''], ['an item less', PLAIN.replace('one, ', '')],
  ])('is refused where the program gives %s, and nothing of it is shown', async (_, plain) => {
    const text = await sealed()
    const error = await failureOf(() => openedBy(text, plain, { file }))
    expect([error.code, shown(error).includes('canary')]).toEqual(['SOPS_PLAIN', false])
  })
})

describe('a text that is to be sealed', () => {
  it.each([['a: [', 'SOPS_SYNTAX'], ['a: 1\nsops: 1\n', 'SOPS_ALREADY'], ['- 1\n', 'SOPS_UNSUPPORTED']])('%j is refused beforehand', async (text, code) => {
    expect(await failureOf(() => checkPlain(text, { file }))).toMatchObject({ code })
  })

  it('is taken as it is', () => {
    expect(() => checkPlain(PLAIN, { file })).not.toThrow()
  })
})
