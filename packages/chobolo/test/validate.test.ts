import { isSecret, secret } from '@chaos/core'
import type { Schema } from '@chaos/core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { validateSlice } from '../src/index.ts'
import type { ChoboloOptions, HostScope } from '../src/index.ts'
import { parse, show, web1 } from './helpers.ts'

const Files = z.array(z.strictObject({
  path: z.string(),
  state: z.enum(['file', 'directory', 'link']).default('file'),
  mode: z.string().optional(),
  content: z.union([z.string(), z.custom(isSecret)]).optional(),
  backup: z.boolean().optional(),
  size: z.number().optional(),
  owner: z.union([z.string(), z.strictObject({ name: z.string(), uid: z.number() })]).optional(),
  tags: z.array(z.string()).optional(),
}))

async function check(text: string, { host, schema = Files, ...options }: ChoboloOptions & { host?: HostScope; schema?: Schema } = {}) {
  const chobolo = await parse(text, options)
  const { desired, problems } = await validateSlice(chobolo, { files: schema }, await chobolo.resolve(host, ['files']))
  return { desired, problems: problems.map(show) }
}

test('gives what the schemas made of the values', async () => {
  expect(await check('files:\n  - path: /a\n')).toEqual({ desired: { files: [{ path: '/a', state: 'file' }] }, problems: [] })
})

test.each([
  ['- { path: /a, mode: 0644 }', ['2:21 MODE_UNQUOTED `files[0].mode` must be a text: YAML reads 0644 as the number 644. Write mode: "0644".']],
  ['- { path: /a, mode: 644 }', ['2:21 MODE_UNQUOTED `files[0].mode` must be a text: YAML reads 644 as the number 644. Write mode: "0644".']],
  ['- { path: /a, mode: 0o1777 }', ['2:21 MODE_UNQUOTED `files[0].mode` must be a text: YAML reads 0o1777 as the number 1023. Write mode: "1777".']],
  ['- { path: /a, moed: "0644" }', ['2:15 KEY_UNKNOWN `files[0]` has no key `moed`. Did you mean `mode`?']],
  ['- { pth: /a }', ['2:3 KEY_MISSING files[0] lacks `path`. Add `path: …`.', '2:5 KEY_UNKNOWN `files[0]` has no key `pth`. Did you mean `path`?']],
  ['- { path: 5.10 }', ['2:11 VALUE_INVALID `files[0].path`: expected a text, and here it is a number. Put it in quotes: path: "5.10".']],
  ['- { path: /a, state: fiel }', ['2:22 VALUE_INVALID `files[0].state`: expected one of "file", "directory", "link". Did you mean "file"?']],
  ['- { path: /a, backup: yes }', ['2:23 VALUE_INVALID `files[0].backup`: expected true or false, and here it is a text. Write backup: true; YAML 1.2 reads yes as a text.']],
  ['- { path: /a, size: "5" }', ['2:21 VALUE_INVALID `files[0].size`: expected a number, and here it is a text. Remove the quotes: size: 5.']],
  ['- { path: /a, tags: }', ['2:15 VALUE_INVALID `files[0].tags`: expected a list, and here it is empty. Write tags: [], or remove the key.']],
  ['- { path: /a, owner: { name: x, uid: y } }', ['2:38 VALUE_INVALID `files[0].owner.uid`: expected a number, and here it is a text.']],
  ['- { path: /a, owner: 5 }', ['2:22 VALUE_INVALID `files[0].owner`: expected a text or a map, and here it is a number.']],
])('%s tells what to write instead', async (item, problems) => {
  expect((await check(`files:\n${item}\n`)).problems).toEqual(problems)
})

test('a union that says itself what is wrong is not answered with a list of types', async () => {
  const schema = z.array(z.union([z.literal('a'), z.strictObject({ name: z.string() })], { error: () => 'this is no name' }))
  expect((await check('files:\n- -rf\n', { schema })).problems).toEqual(['2:3 VALUE_INVALID `files[0]`: this is no name.'])
})

test('places are those of an overlay, of a reference, or at least of the key', async () => {
  const text = `base:
  - path: /a
    size: x
files: \${base}
fleet:
  groups:
    web:
      overlay:
        files:
          - path: /b
            size: y
`
  expect((await check(text)).problems).toEqual([expect.stringMatching(/^3:11 VALUE_INVALID `files\[0\].size`/) as string])
  expect((await check(text, { host: web1 })).problems).toEqual([expect.stringMatching(/^11:19 VALUE_INVALID `files\[0\].size`/) as string])
  expect((await check("files: '${oc.decode:[{path: 5}]}'")).problems).toEqual([expect.stringMatching(/^1:1 VALUE_INVALID `files\[0\].path`/) as string])
})

test('a key that must be there and is not is told; an optional one is left out', async () => {
  expect((await check('a: 1')).problems).toEqual(['1:1 KEY_MISSING The key `files` is missing. Add `files: …`.'])
  expect(await check('a: 1', { schema: Files.optional() })).toEqual({ desired: {}, problems: [] })
})

test('a secret passes where one is expected, and is refused elsewhere without being shown', async () => {
  const options = { secret: async () => secret('hunter2') }
  const { desired } = await check('files: [{ path: /a, content: "x${secret:v:r}" }]', options)
  expect(isSecret((desired['files'] as { content: unknown }[])[0]?.content)).toBe(true)
  expect((await check('files: [{ path: "${secret:v:r}" }]', options)).problems).toEqual(['1:17 VALUE_SECRET `files[0].path` takes no secret. Secrets can stand only where the role expects one.'])
})

test('any Standard Schema will do', async () => {
  const schema: Schema = { '~standard': { version: 1, vendor: 'mine', validate: () => ({ issues: [{ message: 'Is not nice', path: [{ key: 0 }] }] }) } }
  expect((await check('files: [1]', { schema })).problems).toEqual(['1:9 VALUE_INVALID `files[0]`: is not nice.'])
})
