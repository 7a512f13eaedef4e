import { expect, test } from 'vitest'
import { operationPages } from '../src/explain/operations.ts'
import { literal } from '../src/explain/reference.ts'

test('the page of an operation tells its arguments, an example, its options and what it touches', async () => {
  const { 'files.line': page } = await operationPages()
  expect(page).toMatchObject({
    concept: 'files.line',
    what: expect.stringContaining('Ensures that a text file holds a line') as string,
    arguments: expect.arrayContaining(['path (string, required): Absolute path on the host.', 'present (boolean, default true): false = it must not be there.']) as string[],
    options: expect.stringMatching(/^root, sudo, .*ifChanged.*: chaos explain operations\.options$/) as string,
    examples: [{ text: "yield files.line({ path: '/etc/ssh/sshd_config', line: 'Port 22', match: '^#?Port ' })" }],
    touches: 'In the example: /etc/ssh/sshd_config and what is below.',
  })
})

test('another name of an operation, what lists hold, and an action are told', async () => {
  const pages = await operationPages()
  expect(pages['files.directory']?.concept).toBe('files.directory, also server.dir')
  expect(pages['server.packages']?.['arguments']).toContain('packages[].pacman (string or false): Its name on Arch and its kin; false = not there.')
  expect([pages['server.shell']?.how, pages['files.put']?.how]).toEqual([expect.stringContaining('always does something'), expect.stringContaining('compared with the host first')])
})

test('options and facts have a page of their own', async () => {
  const { options, facts } = await operationPages()
  expect(options?.['options']).toContain('ifChanged (result or list of result): Runs only when one of these changed something.')
  expect(facts?.['facts']).toContain('facts.sha256: The SHA-256 of a regular file.')
})

test('values are written as in TypeScript, whatever they hold', () => {
  expect(literal({ a: "it's", 'b-c': ['"', '\n', '\\'], d: { e: 1, f: false }, g: {} })).toBe(String.raw`{ a: 'it\'s', 'b-c': ['"', '\n', '\\'], d: { e: 1, f: false }, g: {} }`)
})
