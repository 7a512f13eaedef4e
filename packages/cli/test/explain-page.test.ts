import { defineExplain } from '@chaos/core'
import type { Page } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import { describe, expect, test } from 'vitest'
import { findTopic } from '../src/explain/find.ts'
import { pageLines, visiblePage } from '../src/explain/page.ts'
import { makeStyle } from '../src/render/style.ts'

/** All fields, from last to first: the order is not the writer's. */
const PAGE: Page = {
  mine: 'of my own',
  security: 'Look out.', learn_more: ['https://example.net'], commands: ['chaos apply'], files: ['/etc/motd'], equivalent: ['a', 'b'],
  examples: [{ yaml: 'a: 1\n' }, { bash: 'chaos apply' }, { text: 'as it is' }], validation: 'stat /', how: 'So.', why: 'Because.', technical: 'Inside.', what: 'It is.', concept: 'A thing',
}

describe('the fields of a page', () => {
  test.each([
    ['basic', ['concept', 'what', 'why', 'examples', 'mine', 'security']],
    ['intermediate', ['what', 'why', 'how', 'examples', 'equivalent', 'commands', 'mine', 'security']],
    ['advanced', ['concept', 'what', 'technical', 'why', 'how', 'validation', 'examples', 'equivalent', 'files', 'commands', 'learn_more', 'mine', 'security']],
  ] as const)('that --details %s shows, in their order', (details, keys) => {
    expect(Object.keys(visiblePage(PAGE, details))).toEqual(keys)
  })

  test('are lines for a person: titles, code with a $, lists, and security last', () => {
    expect(pageLines('thing', visiblePage(PAGE, 'advanced'), makeStyle(false)).join('\n')).toBe(`thing · A thing

What
  It is.

Technical
  Inside.

Why
  Because.

How
  So.

Check it
  $ stat /

Examples
  a: 1

  chaos apply

  as it is

By hand
  $ a
  $ b

Files
  · /etc/motd

Commands
  $ chaos apply

Learn more
  · https://example.net

Mine
  of my own

⚠ Security
  Look out.
`)
  })
})

describe('a topic of a plugin', () => {
  const explain = defineExplain({
    order: ['usage', 'in-depth'],
    topics: { 'my-role': { what: 'It.' }, 'in-depth': (depth) => ({ what: depth }), usage: { what: 'Use it.' }, 'a.b': { what: 'Dotted.' } },
  })
  const plugins = { list: () => [{ name: 'my-role' }], load: async () => explain } as unknown as Plugins
  const find = (word: string) => findTopic(word, plugins, 'intermediate')

  test.each([
    ['my-role', { page: { what: 'It.' } }],
    ['my_role', { page: { what: 'It.' } }],
    ['my_role.in_depth', { page: { what: 'intermediate' } }],
    ['my-role.list', { list: ['usage', 'in-depth'] }],
    ['my-role.a.b', { page: { what: 'Dotted.' } }],
  ])('is found as %s', async (word, found) => {
    expect(await find(word)).toEqual(found)
  })

  test.each([
    ['my-role.usag', 'Did you mean `my-role.usage`? There is: my-role.usage, my-role.in-depth'],
    ['my-rol', 'Did you mean `my-role`?'],
  ])('that is not there, %s, is told with the nearest', async (word, hint) => {
    await expect(find(word)).rejects.toMatchObject({ code: 'EXPLAIN_UNKNOWN', hint })
  })
})
