import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSecret, secret } from '@chaos/core'
import { describe, expect, test } from 'vitest'
import { files } from '../src/index.ts'
import { render } from '../src/template/render.ts'
import { apply, diffOf, realHost } from './support/real-host.ts'
import { temporaryDirectories } from './support/temporary.ts'

const temporary = temporaryDirectories()
const OPTIONS = { name: 'the template', trimBlocks: false, lstripBlocks: false, keepTrailingNewline: false }
const VARS = { flag: true, none_value: null, items: ['a', 'b', 'c'], map: { k: 'v', n: 2 }, people: [{ name: 'ana', age: 31 }, { name: 'bob', age: 20 }] }
const rendered = (source: string, vars: Record<string, unknown> = VARS) => render(source, vars, realHost(), OPTIONS)

/** Every expected text is what Jinja2 3.1 gives. */
const JINJA = [
  ['{{ flag }}|{{ none_value }}', 'True|None'],
  ['{{ 1 == 1 }}', 'True'],
  ['{{ [1,\'a\',true] }}', '[1, \'a\', True]'],
  ['{{ {\'a\': 1} }}', '{\'a\': 1}'],
  ['{% for x in items %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}', '1a,2b,3c'],
  ['{% for k, v in map.items() %}{{k}}={{v}};{% endfor %}', 'k=v;n=2;'],
  ['{{ items | join(\', \') }}', 'a, b, c'],
  ['{{ \'a\' if flag else \'b\' }}', 'a'],
  ['{% set ns = namespace(n=0) %}{% for x in items %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}', '3'],
  ['{% macro m(a, b=2) %}{{a}}-{{b}}{% endmacro %}{{ m(1) }}', '1-2'],
  ['{{ \'abc\'[1:] }}{{ items[::-1] | join }}', 'bccba'],
  ['{{ missing | default(\'x\') }}', 'x'],
  ['{{ missing is defined }}', 'False'],
  ['{{ \'x\' ~ 1 }}', 'x1'],
  ['{{ 7 // 2 }} {{ 7 / 2 }} {{ 2 ** 3 }}', '3 3.5 8'],
  ['{{ \'%s-%d\' | format(\'a\', 3) }}', 'a-3'],
  ['{{ map | tojson }}', '{"k": "v", "n": 2}'],
  ['{{ \'Hello World\' | upper | replace(\'O\',\'0\') }}', 'HELL0 W0RLD'],
  ['{{ \'a b\'.split() }}', '[\'a\', \'b\']'],
  ['{{ \'abc\'.startswith(\'a\') }}', 'True'],
  ['{% if \'a\' in items %}yes{% endif %}', 'yes'],
  ['{{ items | length }} {{ items | first }} {{ items | last }}', '3 a c'],
  ['{{ people | map(attribute=\'name\') | join(\',\') }}', 'ana,bob'],
  ['{{ people | selectattr(\'age\', \'>\', 30) | map(attribute=\'name\') | list }}', '[\'ana\']'],
  ['{% raw %}{{ x }}{% endraw %}', '{{ x }}'],
  ['{# c #}x', 'x'],
  ['a\n{% if true %}\nb\n{% endif %}\nc\n', 'a\n\nb\n\nc'],
  ['{%- if true -%} x {%- endif -%}', 'x'],
  ['{{ range(3) | list }}', '[0, 1, 2]'],
  ['{{ 3.0 }} {{ 1.5 | round }} {{ \'3\' | int + 1 }}', '3.0 2.0 4'],
  ['{{ \'<b>\' | e }}', '&lt;b&gt;'],
  ['{{ \'<b>\' }}', '<b>'],
  ['{{ dict(a=1).a }}', '1'],
  ['{{ \'x\' | indent(2) }}{{ \'a\nb\' | indent(2) }}', 'xa\n  b'],
  ['{{ people | groupby(\'age\') | length }}', '2'],
  ['{{ [3,1,2] | sort }} {{ [1,1] | unique | list }} {{ [1,2] | sum }}', '[1, 2, 3] [1] 3'],
  ['{% filter upper %}a{% endfilter %}', 'A'],
  ['{{ \'abc\' | capitalize }} {{ \'a b\' | title }} {{ \' a \' | trim }}', 'Abc A B a'],
  ['{{ items | batch(2) | list }}', '[[\'a\', \'b\'], [\'c\']]'],
  ['{% set x %}a{% endset %}{{ x }}', 'a'],
  ['{{ 10 is divisibleby 5 }} {{ \'a\' is string }}', 'True True'],
  ['{{ \'a,b\'.split(\',\')[0] }}', 'a'],
  ['{% for x in [] %}{% else %}none{% endfor %}', 'none'],
  ['{{ 5 | string + \'a\' }}', '5a'],
  ['{{ not flag }}', 'False'],
  ['{{ none }}', 'None'],
  ['{{ items is sequence }}', 'True'],
  ['{{ \'é\' | urlencode }}', '%C3%A9'],
  ['{{ \'a\' * 3 }}', 'aaa'],
  ['{% for i in items if i != \'a\' %}{{ i }}{% endfor %}', 'bc'],
  ['{{ "it\'s" }}', 'it\'s'],
  ['{{ \'ab\' | list }}', '[\'a\', \'b\']'],
  ['{{ 1234567.891 }}', '1234567.891'],
  ['{{ items | tojson(indent=2) }}', '[\n  "a",\n  "b",\n  "c"\n]'],
  ['{{ flag | lower }}', 'true'],
  ['{{ \'x\' | center(5) }}|{{ \'long text here\' | truncate(8) }}', '  x  |long...'],
  ['{{ \'a b c\' | wordcount }}', '3'],
  ['{% for a in items %}{{ loop.cycle(\'x\',\'y\') }}{% endfor %}', 'xyx'],
  ['{{ \'1\' + \'2\' }}', '12'],
  ['{{ people[0][\'name\'] }}', 'ana'],
  ['{{ 6 / 2 }} {{ 3.0 }}', '3.0 3.0'],
  ['{{ {\'a\': [true, none, \'x"y\', "it\'s"]} }}', '{\'a\': [True, None, \'x"y\', "it\'s"]}'],
  ['{{ \'}}\' }}{{ {\'a\': {\'b\': 1}}[\'a\'][\'b\'] }}', '}}1'],
  ['{% if \'%}\' %}x{% endif %}{# {{ #}{{- \' y \' -}} z', 'x y z'],
  ['{{ \'a\' if missing is defined else \'b\' }}', 'b'],
  ['{{ \'%05.1f|%-4s|%x\' | format(2.75, \'a\', 255) }}', '002.8|a   |ff'],
] as const

test.each(JINJA)('%j gives what Jinja2 gives', async (source, expected) => {
  expect(await rendered(source)).toBe(expected)
})

const ANSIBLE = [
  ["{{ 'a1b2' | regex_replace('([a-z])(\\\\d)', '\\\\2\\\\1') }}", '1a2b'],
  ["{{ 'x' | b64encode }}{{ 'eA==' | b64decode }}", 'eA==x'],
  ["{{ \"it's\" | quote }}", "'it'\\''s'"],
  ["{{ '/a/b.c' | basename }} {{ '/a/b.c' | dirname }} {{ '/a' | dirname }}", 'b.c /a /'],
  ['{{ people[0] | to_json }}', '{"age": 31, "name": "ana"}'],
  ['{{ map | to_nice_json }}', '{\n    "k": "v",\n    "n": 2\n}'],
  ["{{ {'a': ['x', 'yes', '1', none], 'b': {'c': true}} | to_yaml }}", 'a:\n  - x\n  - "yes"\n  - "1"\n  - null\nb:\n  c: true\n'],
  ["{{ 'yes' | bool }} {{ flag | ternary('a', 'b') }}", 'True a'],
  ['{{ host.name }} {{ host.data.colour }} {{ host.groups[0] }} {{ host.os.id }}', '@real green web debian'],
] as const

test.each(ANSIBLE)('%j gives what Ansible gives', async (source, expected) => {
  expect(await rendered(source)).toBe(expected)
})

describe('errors', () => {
  test.each(['a\n{{ missing }}', 'a\n{{ map.nokey }}', 'a\n{{ missing.deeper }}', 'a\n{% if missing %}{% endif %}'])('%j names the line of what is not defined', async (source) => {
    await expect(rendered(source)).rejects.toMatchObject({ code: 'TEMPLATE', message: 'Cannot render the template, line 2: a variable in it is not defined.' })
  })

  test('a syntax error names its line', async () => {
    await expect(rendered('a\n{% if %}')).rejects.toThrow(/line 2: syntax error/)
  })

  test('a filter that fails is named with its line, and later templates still render', async () => {
    await expect(rendered('a\n{{ "{" | from_json }}')).rejects.toThrow('Cannot render the template, line 2: the filter from_json failed')
    expect(await rendered('{{ 1 }}')).toBe('1')
  })

  test('a template that never ends is ended', async () => {
    await expect(rendered('{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}')).rejects.toMatchObject({ code: 'TEMPLATE' })
  })

  test('a secret is in none of them', async () => {
    const error = await rendered('{{ token | from_json }}', { token: secret('hunter22') }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'TEMPLATE' })
    expect(JSON.stringify([error, String(error), (error as Error).stack])).not.toMatch(/hunter/)
  })
})

test('a template with a secret renders to a secret', async () => {
  expect(isSecret(await rendered('password={{ db.password }}', { db: { password: secret('hunter22') } }))).toBe(true)
  const path = join(temporary(), 'conf')
  const op = files.template({ path, text: 'password={{ p }}\n', vars: { p: secret('hunter22') }, mode: '0600' })
  expect(JSON.stringify(await diffOf(op, realHost()))).not.toMatch(/hunter/)
  await apply(op)
  expect(readFileSync(path, 'utf8')).toBe('password=hunter22\n')
  expect(await apply(op)).toEqual([])
})

test('a template of the controller is rendered, in one round of questions', async () => {
  const directory = temporary()
  const host = realHost({ directory })
  writeFileSync(join(directory, 'motd.j2'), 'I am {{ host.name }}.\n{% for x in xs %}\n- {{ x }}\n{% endfor %}\n')
  const op = files.template({ path: join(directory, 'motd'), src: 'motd.j2', vars: { xs: [1, 2] }, trim_blocks: true })
  await apply(op, host)
  expect(readFileSync(join(directory, 'motd'), 'utf8')).toBe('I am @real.\n- 1\n- 2\n')
  const again = realHost({ directory })
  expect(await diffOf(op, again)).toEqual([])
  expect(again.rounds).toBe(1)
  await expect(apply(files.template({ path: '/x', src: 'none.j2' }), host)).rejects.toMatchObject({ code: 'LOCAL_FILE' })
})

test('a value that holds itself is an error rather than an endless walk, and one that stands in two places is none', async () => {
  const twice = { port: 80 }
  expect(await rendered('{{ a.port }}{{ b.port }}', { a: twice, b: [twice, twice][0] })).toBe('8080')
  const ring: Record<string, unknown> = { port: 80 }
  ring['list'] = [{ ring }]
  await expect(rendered('{{ ring.port }}', { ring })).rejects.toMatchObject({ code: 'TEMPLATE', message: 'Cannot render the template: a value of vars holds itself.' })
  await expect(apply(files.template({ path: '/x', text: '{{ ring.port }}', vars: { ring, token: secret('hunter22') } }))).rejects.toThrow('a value of vars holds itself')
})
