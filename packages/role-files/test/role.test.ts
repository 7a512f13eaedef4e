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
  { path: '/a', content: 'x', source: 'y' },
  { path: '/a', target: '/b', content: 'x' },
  { path: '/a', state: 'directory', content: 'x' },
  { path: '/a', state: 'link' },
  { path: '/a', state: 'absent', content: 'x' },
  { path: '/a', mode: 644 },
  { path: 'a' },
  { path: '/a', owners: 'x' },
])('keys that contradict each other, or are unknown, are refused: %j', (item) => {
  expect(() => operationsOf([item])).toThrow()
})
