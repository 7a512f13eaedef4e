import { validateNow } from '@chaos/core'
import type { Host, Op } from '@chaos/core'
import { expect, test } from 'vitest'
import role from '../src/index.ts'
import { keys } from '../src/keys.ts'
import type { Item } from '../src/keys.ts'

function operationsOf(files: unknown): string[] {
  const checked = validateNow(keys.files as never, files) as { value?: Item[]; issues?: readonly { message: string }[] }
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '))
  const { context, delta, plan } = role.definition!
  const input = { host: {} as Host, desired: { files: checked.value }, secrets: {} }
  const looked = context!(input)
  return [...(plan(delta(looked), { ...input, context: looked }) as Iterable<Op>)].map(({ definition, title, options }) => `${definition.name} ${title}${options.sudo === true ? ' sudo' : ''}`)
}

test('what an item is follows from what it says, and the order stays as written', () => {
  expect(
    operationsOf([
      { path: '/a/' },
      { path: '/b', content: 'x', mode: '0600', sudo: true },
      { path: '/c', source: 'c' },
      { path: '/d', template: 'd.j2', vars: { x: 1 } },
      { path: '/e', target: '/a' },
      { path: '/f', state: 'absent' },
      { path: '/g', state: 'file' },
    ]),
  ).toEqual(['files.directory /a', 'files.put /b sudo', 'files.put /c', 'files.template /d', 'files.link /e', 'files.file /f', 'files.file /g'])
})

test.each([
  [{ path: '/a', content: 'x', source: 'y' }, 'give one of content and source, not both'],
  [{ path: '/a', target: '/b', content: 'x' }, 'content makes no sense for a link'],
  [{ path: '/a', state: 'directory', content: 'x' }, 'content makes no sense for a directory'],
  [{ path: '/a', state: 'link' }, 'a link needs a target'],
  [{ path: '/a', state: 'absent', content: 'x' }, 'content makes no sense for something that is to be absent'],
  [{ path: '/a', state: 'file', vars: {} }, 'vars are for a template'],
  [{ path: '/a', mode: 644 }, 'a mode is written in quotes: mode: "0644"'],
  [{ path: '/a', mode: 'rw' }, 'three or four octal digits in quotes'],
  [{ path: 'a' }, 'it starts with /'],
  [{ path: '/a/../b' }, 'without ".."'],
  [{ path: '/a', owners: 'x' }, 'Unrecognized key: "owners"'],
  [{ path: '/a', owner: 0 }, 'expected string, received number'],
  [{ path: '/a', content: 5 }, 'the content is a text (in quotes, if it looks like something else)'],
  [{ path: '/a', sudo: 'yes' }, 'expected boolean, received string'],
  [{}, 'expected string, received undefined'],
  ['/a', 'expected object, received string'],
])('keys that contradict each other, are unknown or of another type are refused: %j', (item, message) => {
  expect(() => operationsOf([item])).toThrow(message)
})

test('the list itself must be one', () => {
  expect(() => operationsOf({ path: '/a' })).toThrow('expected array')
})
