import { isSecret } from '@chaos/core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fragmentOf, jsonSchema, template } from '../src/index.ts'
import { parse } from './helpers.ts'

const Tree = z.strictObject({ name: z.string(), get child() { return Tree.optional() } }).meta({ id: 'Tree' })
const keys = {
  files: z.array(z.strictObject({ path: z.string().regex(/^\//), size: z.number().describe('Bytes').optional(), content: z.custom(isSecret).or(z.string()).optional() })),
  tree: Tree.optional(),
}
const schema = jsonSchema({ keys, hosts: [z.object({ ssh_port: z.number().optional() }), z.object({ docker_pull: z.boolean().optional() })] })
const accepts = (value: unknown) => z.fromJSONSchema(schema).safeParse(value).success

test('the JSON Schema accepts a Ch-obolo with interpolations anywhere, and free variables', () => {
  expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#')
  expect(accepts({ any: { thing: 1 }, files: [{ path: '${x}/a', size: '${n}' }], tree: { name: 'a', child: { name: 'b' } } })).toBe(true)
  expect(accepts({ files: '${files_of[${host.name}]}' })).toBe(true)
  expect(accepts({ fleet: { parallelism: 5, hosts: ['a', { b: { ssh_port: 22, docker_pull: true, sudo: true, doas: 'app', overlay: { files: [] } } }], groups: { web: { hosts: ['a*'] } } } })).toBe(true)
})

test('the JSON Schema refuses what the roles refuse', () => {
  expect(accepts({ files: [{ path: 'a' }] })).toBe(false)
  expect(accepts({ files: [{ path: '/a', size: 'x' }] })).toBe(false)
  expect(accepts({ files: [{ path: '/a', sise: 1 }] })).toBe(false)
  expect(accepts({ tree: { name: 'a', child: { nam: 'b' } } })).toBe(false)
  expect(accepts({ fleet: { hots: [] } })).toBe(false)
  expect(accepts({ fleet: { hosts: [{ a: {}, b: {} }] } })).toBe(false)
  expect(accepts({ fleet: { hosts: [{ a: { ssh_port: 'x' } }] } })).toBe(false)
  expect(accepts({ fleet: { hosts: { a: { docker_pull: 'yes' } } } })).toBe(false)
  expect(accepts({ fleet: { groups: { web: { data: { sudo: 1 } } } } })).toBe(false)
})

test('what editors show stays where they look for it', () => {
  const items = JSON.stringify(schema)
  expect(items).toContain('"size":{"description":"Bytes","anyOf":[{"type":"number"},{"type":"string","pattern":"\\\\$\\\\{"}]}')
  expect(jsonSchema({ keys: { plain: { '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value }) } } } })).toMatchObject({ definitions: { plain: {} } })
})

test('a template merges fragments, says whose they are, and can be read again', async () => {
  const { text, notes } = await template([
    { from: '@chaos/role-files', fragments: [{ files: [{ path: '/a', mode: '0644', content: 'x: y' }] }, { shared: { one: 1, list: [1] } }] },
    { from: 'chaos-role-mine', fragments: [{ shared: { two: 2, list: [2] } }] },
  ])
  expect(text).toBe(`# yaml-language-server: $schema=.chaos/schema.json

# @chaos/role-files
files:
  - path: /a
    mode: "0644"
    content: "x: y"

# @chaos/role-files, chaos-role-mine
shared:
  one: 1
  list:
    - 2
  two: 2
`)
  expect(notes).toEqual(['`shared` is given by @chaos/role-files and chaos-role-mine; their examples were merged.'])
  expect((await parse(text)).raw).toEqual({ files: [{ path: '/a', mode: '0644', content: 'x: y' }], shared: { one: 1, list: [2], two: 2 } })
})

test('an example that nobody meant yet is a comment, and beside one that is meant it is none', async () => {
  const { text } = await template([
    { from: '@chaos/role-users', fragments: [{ hostname: 'web-1', users: [{ name: 'ana' }] }], commented: true },
    { from: 'chaos-role-mine', fragments: [{ users: [{ name: 'ben' }] }] },
  ])
  expect(text).toBe(`# yaml-language-server: $schema=.chaos/schema.json

# @chaos/role-users
# hostname: web-1

# @chaos/role-users, chaos-role-mine
users:
  - name: ben
`)
})

test('a fragment is made of examples and defaults', () => {
  expect(fragmentOf({ a: z.array(z.object({ name: z.string().meta({ examples: ['ana'] }), n: z.number().default(3), other: z.string() })), b: z.string(), c: z.boolean().default(true) })).toEqual({ a: [{ name: 'ana', n: 3 }], c: true })
})
