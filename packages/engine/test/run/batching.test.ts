import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defineRole } from '@chaos/core'
import type { Op } from '@chaos/core'
import { files } from '../../../operations/src/index.ts'
import { applyRoles, fakeConnector } from './support.ts'

const NAMES = ['a', 'b', 'a/x', 'a/y', 'b/x', 'a/x/deep']

/** An operation on one of few paths, so that they meet often. */
const operation = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), name: fc.constantFrom(...NAMES), content: fc.constantFrom('', 'one\n', 'two\n'), mode: fc.constantFrom('0600', '0644') }),
  fc.record({ kind: fc.constant('directory' as const), name: fc.constantFrom(...NAMES), mode: fc.constantFrom('0700', '0755') }),
  fc.record({ kind: fc.constant('link' as const), name: fc.constantFrom(...NAMES), target: fc.constantFrom('a', 'nowhere') }),
  fc.record({ kind: fc.constant('absent' as const), name: fc.constantFrom(...NAMES) }),
)
type Wanted = typeof operation extends fc.Arbitrary<infer T> ? T : never

function made(folder: string, wanted: Wanted): Op {
  const path = join(folder, wanted.name)
  if (wanted.kind === 'put') return files.put({ path, content: wanted.content, mode: wanted.mode, force: true })
  if (wanted.kind === 'directory') return files.directory({ path, mode: wanted.mode, force: true })
  if (wanted.kind === 'link') return files.link({ path, target: wanted.target, force: true })
  return files.file({ path, present: false, force: true })
}

function tree(folder: string, at = ''): string[] {
  return readdirSync(join(folder, at)).toSorted().flatMap((name) => {
    const path = join(at, name)
    const stat = lstatSync(join(folder, path))
    const what = stat.isSymbolicLink() ? `-> ${readlinkSync(join(folder, path))}` : stat.isDirectory() ? 'directory' : readFileSync(join(folder, path), 'utf8')
    const line = `${path} ${stat.isSymbolicLink() ? '' : (stat.mode & 0o7777).toString(8)} ${what}`
    return stat.isDirectory() ? [line, ...tree(folder, path)] : [line]
  })
}

test('operations that travel together give the same tree as one by one', async () => {
  const fake = fakeConnector()
  let count = 0
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 2, maxLength: 7 }), async (wanted) => {
        const [together, alone] = [`together-${count}`, `alone-${count++}`]
        const batched = await applyRoles(fake, [together], { test: defineRole(() => wanted.map((each) => made(fake.folder(together), each))) }, { maxRemovals: 100, confirmMore: async () => true })
        let failed = false
        let why = ''
        for (const each of wanted) {
          if (failed) break
          const one = await applyRoles(fake, [alone], { test: defineRole(() => [made(fake.folder(alone), each)]) }, { maxRemovals: 100, confirmMore: async () => true })
          failed = one.end.outcome !== 'done'
          why = JSON.stringify(one.hosts[0]?.error)
        }
        const verifyOnly = batched.hosts[0]?.error?.code === 'VERIFY_FAILED' || batched.hosts[0]?.error === undefined
        expect(tree(fake.folder(together)), `${JSON.stringify(batched.hosts[0]?.error)} ${why}`).toEqual(tree(fake.folder(alone)))
        expect(verifyOnly || failed).toBe(true)
      }),
      { numRuns: 25 },
    )
  } finally {
    await fake.close()
  }
}, 300_000)
