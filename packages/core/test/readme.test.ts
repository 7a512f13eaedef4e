import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { setTimezone } from './example.ts'

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

it('shows in its README what is tested here', () => {
  expect(read('../README.md')).toContain(read('./example.ts'))
  expect(setTimezone({ name: 'Europe/Lisbon' })).toMatchObject({ title: 'Europe/Lisbon' })
})
