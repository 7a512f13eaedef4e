import { expect, test } from 'vitest'
import { nearest } from '../src/index.ts'

test.each([['fils', ['files']], ['flies', ['files']], ['user', ['users']], ['baseoverride', ['baseOverride']], ['ssh-prot', ['ssh_port']], ['zebra', []], ['a', []], ['fleets', ['fleet']]])('the nearest to %s is %s', (word, expected) => {
  expect(nearest(word, ['files', 'users', 'baseOverride', 'ssh_port', 'fleet', 'b'])).toEqual(expected)
})

test('several come nearest first, each once', () => {
  expect(nearest('web1', ['web12', 'web1', 'web2', 'web2', 'db'], 5)).toEqual(['web1', 'web12', 'web2'])
})
