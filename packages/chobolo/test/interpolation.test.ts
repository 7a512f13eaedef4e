import { isSecret, revealSecret, secret } from '@chaos/core'
import type { secretText } from '@chaos/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeTemplate } from '../src/index.ts'
import { parse, refused, value, web1 } from './helpers.ts'

const line = (key: string, text: string) => `${key}: ${JSON.stringify(text)}\n`

describe('a reference', () => {
  test.each([
    ['an absolute path', 'a: { b: { c: x } }\nr: ${a.b.c}', 'x'],
    ['a sibling', 'r: { one: 1, two: "${.one}" }', { one: 1, two: 1 }],
    ['one level up', 'r: { up: { x: 7 }, in: { y: "${..up.x}" } }', { up: { x: 7 }, in: { y: 7 } }],
    ['a list item', 'list: [a, b]\nr: ${list[1]}', 'b'],
    ['an item by dot', 'list: [a, b]\nr: ${list.0}', 'a'],
    ['a sibling of a list item', 'r: [x, "${.[0]}"]', ['x', 'x']],
    ['a key in brackets, with dots in it', 'm: { db.example.net: 5 }\nr: ${m["db.example.net"]}', 5],
    ['a nested reference', 'a: { x: 1, y: 2 }\nb: y\nr: ${a.${b}}', 2],
    ['a nested reference in brackets', 'a: [p, q]\ni: 1\nr: ${a[${i}]}', 'q'],
    ['a reference to a reference', 'a: ${b}\nb: ${c}\nc: [1]\nr: ${a}', [1]],
    ['a part of what a reference leads to', 'a: ${b}\nb: { c: { d: 3 } }\nr: ${a.c.d}', 3],
    ['spaces inside the braces', 'a: 1\nr: ${ a }', 1],
    ['a relative reference inside of what is referred to', 'a: { x: 1, y: "${.x}" }\nr: ${a.y}', 1],
    ['an alias in two places', 'a: &m { y: "${..n}" }\nn: 1\nr: { m: *m, n: 2 }', { m: { y: 2 }, n: 2 }],
  ])('reaches %s', async (_, text, expected) => {
    expect(await value(text, 'r')).toEqual(expected)
  })

  test('that is the whole value keeps its type', async () => {
    const text = 'n: 8080\nb: true\nz: null\nl: [1]\nm: { k: v }\nr: ["${n}", "${b}", "${z}", "${l}", "${m}"]'
    expect(await value(text, 'r')).toEqual([8080, true, null, [1], { k: 'v' }])
  })

  test('inside of a longer text becomes text', async () => {
    expect(await value('n: 8080\nb: true\nz: null\nr: "http://x:${n}/${b}/${z}"', 'r')).toBe('http://x:8080/true/null')
  })
})

describe('resolvers', () => {
  const env = { NAME: 'web', PORT: '80', TRICK: '${a}', EMPTY: '' }
  test.each([
    ['${oc.env:NAME}', 'web'],
    ['${oc.env:EMPTY,x}', ''],
    ['${oc.env:PORT}', '80'],
    ['${oc.env:NONE,a default}', 'a default'],
    ['${oc.env:NONE,8080}', '8080'],
    ['${oc.env:NONE,null}', null],
    ["${oc.env:NONE,'a, b'}", 'a, b'],
    ['${oc.env:NONE,${a}}', '1'],
    ['${oc.env:NONE,}', ''],
    ['${oc.env:TRICK}', '${a}'],
    ['x${oc.env:TRICK}', 'x${a}'],
    ['${oc.decode:${oc.env:PORT}}', 80],
    ['${oc.decode:[1, two, null, true, "3"]}', [1, 'two', null, true, '3']],
    ['${oc.decode:{a: 1, b: [x]}}', { a: 1, b: ['x'] }],
    ['${oc.decode:0644}', '0644'],
    ['${oc.create:[1,2]}', [1, 2]],
    ['${oc.select:a,5}', 1],
    ['${oc.select:none,5}', 5],
    ['${oc.select:none}', null],
    ['${oc.select:lacking,5}', 5],
    ["${oc.select:none,it's}", "it's"],
    ['${oc.select:..a}', 1],
  ])('%s', async (text, expected) => {
    expect(await value(`a: 1\nlacking: ???\nr: { v: ${JSON.stringify(text)} }`, 'r', { env })).toEqual({ v: expected })
  })
})

describe('the host', () => {
  test('is known by name, data and groups', async () => {
    const text = 'r: ["${host.name}", "${host.data.port}", "${host.data.zone.name}", "${host.groups}", "${host.groups[0]}"]'
    expect(await value(text, 'r', { host: web1 })).toEqual(['web1', 8080, 'eu', ['web'], 'web'])
  })

  test('is not known where there is none', async () => {
    expect(await refused(value('r: ${host.name}', 'r'))).toEqual(['1:4 INTERPOLATION_HOST `${host.name}` is known only where a host is. Use it in the keys of roles, not in the fleet.'])
  })

  test('is a variable where the Ch-obolo has a key of that name', async () => {
    expect(await value('host: { name: mine }\nr: ${host.name}', 'r', { host: web1 })).toBe('mine')
  })
})

describe('escapes', () => {
  test.each([
    ['\\${a}', '${a}'],
    ['\\\\${a}', '\\1'],
    ['\\\\\\${a}', '\\${a}'],
    ['C:\\dir', 'C:\\dir'],
    ['$HOME $5 $', '$HOME $5 $'],
    ['x\\${a}-${a}', 'x${a}-1'],
  ])('%s is %s', async (text, expected) => {
    expect(await value(`a: 1\n${line('r', text)}`, 'r')).toBe(expected)
  })

  test('give back any text', async () => {
    const pieces = fc.array(fc.oneof(fc.constantFrom('${', '}', '\\', '$', 'a', '.', "'"), fc.string({ unit: 'grapheme' })), { maxLength: 12 }).map((all) => all.join(''))
    await fc.assert(fc.asyncProperty(pieces.filter((text) => text !== '???'), async (text) => {
      expect(await value(`a: 1\n${line('r', escapeTemplate(text))}`, 'r')).toBe(text)
    }))
  })
})

describe('what cannot be resolved', () => {
  test.each([
    ['data_dir: /srv\nr: "${data_dri}/x"', ['2:5 INTERPOLATION_UNKNOWN `${data_dri}` refers to `data_dri`, which is not there. Did you mean `data_dir`?']],
    ['a: { bb: 1 }\nr:\n  - x ${a.cc}', ['3:7 INTERPOLATION_UNKNOWN `${a.cc}` refers to `cc`, which is not there in `a`. Add the key in `a`, or write \\${ for a ${ that is meant as text.']],
    ['r: { v: ??? }', ['1:9 VALUE_MISSING `r.v` must be given a value: `???` stands for one that is missing. Write the value here, or in an overlay of the host or its group.']],
    ['r: "${oc.env:NO_SUCH}"', ['1:5 INTERPOLATION_ENV `${oc.env:NO_SUCH}`: the environment variable NO_SUCH is not set. Set it, or give a default: ${oc.env:NO_SUCH,default}.']],
    ['r: "${oc.evn:X}"', ['1:5 INTERPOLATION_RESOLVER `${oc.evn:X}`: there is no resolver `oc.evn`. Did you mean `oc.env`?']],
    ['r: "${HOME:-x}"', ['1:5 INTERPOLATION_RESOLVER `${HOME:-x}`: there is no resolver `HOME`. There are oc.env, oc.select, oc.decode, oc.create, secret. Write \\${ for a ${ that is meant as text.']],
    ['r: "x ${a"', ['1:7 INTERPOLATION_SYNTAX In `x ${a` the brace is not closed. Write \\${ for a ${ that is meant as text.']],
    ['r: "${}"', ['1:5 INTERPOLATION_SYNTAX In `${}` a name is missing between the braces. Write \\${ for a ${ that is meant as text.']],
    ['l: [1]\nr: "x${l}"', ['2:5 INTERPOLATION_TEXT `${l}` is a list, which cannot stand inside a text. Let the reference be the whole value, or refer to one of its parts.']],
    ['r: ${r}', ['1:4 INTERPOLATION_CYCLE References go round in a circle: `r` → `r`. Let one of them have a value of its own.']],
    ['r: ${b.x}\nb: { x: "${c[0]}" }\nc: ["${r}"]', ['1:4 INTERPOLATION_CYCLE References go round in a circle: `r` → `b.x` → `c[0]` → `r`. Let one of them have a value of its own.']],
    ['r: { inner: "${r}" }', ['1:14 INTERPOLATION_CYCLE References go round in a circle: `r` → `r.inner` → `r`. Let one of them have a value of its own.']],
  ])('%j is refused with its place', async (text, problems) => {
    expect(await refused(value(text, 'r'))).toEqual(problems)
  })

  test('is told all at once, each once', async () => {
    const found = await refused(value('r: ["${x}", "${y}", "${z}"]\nz: "${x1}"', 'r'))
    expect(found.map((each) => each.split(' ').slice(0, 3).join(' '))).toEqual(['1:6 INTERPOLATION_UNKNOWN `${x}`', '1:14 INTERPOLATION_UNKNOWN `${y}`', '2:5 INTERPOLATION_UNKNOWN `${x1}`'])
  })

  test('does not matter where nobody asks for it', async () => {
    expect(await value('broken: ${nothing}\nr: 1', 'r')).toBe(1)
  })

  test('is bounded: long texts, many values, long chains, deep nesting', async () => {
    const bomb = (first: string, next: (name: string) => string) => `v0: ${first}\n${Array.from({ length: 40 }, (_, i) => `v${i + 1}: ${next(`v${i}`)}\n`).join('')}`
    expect((await refused(value(bomb('x', (name) => `"\${${name}}\${${name}}"`), 'v40')))[0]).toContain('INTERPOLATION_SIZE')
    expect((await refused(value(bomb('x', (name) => `["\${${name}}", "\${${name}}"]`), 'v40')))[0]).toContain('INTERPOLATION_SIZE')
    const chain = `v0: x\n${Array.from({ length: 5000 }, (_, i) => `v${i + 1}: \${v${i}}\n`).join('')}`
    expect((await refused(value(chain, 'v5000')))[0]).toContain('INTERPOLATION_DEPTH')
    expect((await refused(value(`r: "${'${'.repeat(10_000)}"`, 'r')))[0]).toContain('INTERPOLATION_SYNTAX')
    expect(await value(line('r', '\\'.repeat(20_000)), 'r')).toHaveLength(20_000)
    expect(await value(line('r', `${'\\'.repeat(100_000)}x\${oc.env:A}`), 'r', { env: { A: '' } })).toHaveLength(100_001)
  })
})

describe('secrets', () => {
  const asked: string[] = []
  const options = {
    secret: async (name: string, reference: string) => {
      asked.push(`${name} ${reference}`)
      return secret(`<${reference}>`)
    },
  }

  test('become a Secret, alone and inside of a text, and are asked for once', async () => {
    asked.length = 0
    const chobolo = await parse('r: { a: "${secret:vault:kv/db#pass}", b: "user:${secret:vault:kv/db#pass}@${n}:${secret:file:/x,y:z}!" }\nn: 5\ns: ${r.a}', options)
    const [{ r }, again] = (await Promise.all([chobolo.resolve(web1, ['r']), chobolo.resolve(undefined, ['r', 's'])])) as [{ r: Record<string, unknown> }, { s: unknown }]
    expect([r['a'], r['b'], again['s']].every(isSecret)).toBe(true)
    expect([r['a'], r['b'], again['s']].map((each) => revealSecret(each as ReturnType<typeof secretText>))).toEqual(['<kv/db#pass>', 'user:<kv/db#pass>@5:</x,y:z>!', '<kv/db#pass>'])
    expect(asked.toSorted()).toEqual(['file /x,y:z', 'vault kv/db#pass'])
    expect(JSON.stringify(r)).toBe('{"a":"***","b":"***"}')
  })

  test('are never interpolated again', async () => {
    const found = await value('n: 5\nr: ${secret:x:y}', 'r', { secret: async () => secret('${n}') })
    expect(revealSecret(found as ReturnType<typeof secret>)).toBe('${n}')
  })

  test('may have a reference that is interpolated', async () => {
    asked.length = 0
    await value('r: ${secret:vault:kv/${host.name}}', 'r', { ...options, host: web1 })
    expect(asked).toEqual(['vault kv/web1'])
  })

  test('that cannot be read, or not here, are problems with their places', async () => {
    expect(await refused(value('r:\n  x: a ${secret:vault:db}', 'r'))).toEqual([
      '2:6 SECRETS_UNAVAILABLE The secret vault:db is needed, and secrets are not available here. Use the command with the providers of its config, or give the value in another way.',
    ])
    await expect(value('r: ${secret:vault:db}', 'r', { secret: () => Promise.reject(new TypeError('a bug')) })).rejects.toThrow(TypeError)
  })

  test('cannot name things or be worked on', async () => {
    expect(await refused(value('a: { b: 1 }\nr: ${a.${secret:x:y}}', 'r', options))).toEqual([expect.stringContaining('INTERPOLATION_KEY') as string])
    expect(await refused(value('r: "${oc.decode:${secret:x:y}}"', 'r', options))).toEqual([expect.stringContaining('INTERPOLATION_SECRET') as string])
    expect(await refused(value('r: "${secret:x}"', 'r', options))).toEqual([expect.stringContaining('Write ${secret:NAME:REFERENCE}.') as string])
  })
})
