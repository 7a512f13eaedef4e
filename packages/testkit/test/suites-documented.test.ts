import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import * as testkit from '../src/index.ts'

const README = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')

it.each(['role', 'explain', 'aliases', 'keys', 'provider', 'boat', 'connector', 'operation'])('has a suite for %s, and its README names it', (contract) => {
  const name = `${contract}Suite`
  expect((testkit as Record<string, unknown>)[name]).toBeTypeOf('function')
  expect(README).toContain(`\`${name}\``)
})
