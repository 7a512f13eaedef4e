import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Role } from '@chaos/core'
import { fakeConnector } from '../fake/connector.ts'
import type { Fake } from '../fake/connector.ts'
import { applyWith } from '../run/apply-with.ts'
import type { Applied } from '../run/apply-with.ts'
import { treeOf } from '../run/tree.ts'
import type { Runner } from './runner.ts'

/** One thing that is applied to a fake host whose files lie below `folder`. */
export interface StateCase {
  /** What it is about, for the tests' names. */
  readonly name: string
  /** What is there before. */
  readonly prepare?: (folder: string) => void | Promise<void>
  /** What must be there after; it throws when it is not. */
  readonly check?: (folder: string) => void | Promise<void>
  /** Somebody undoes it by hand; the next run must see that. Not given = not tested. */
  readonly drift?: (folder: string) => void | Promise<void>
  /** It is no state but an action, which every run does. Default false. */
  readonly action?: boolean
  /** It is so from the beginning: the first run changes nothing either. Default false. */
  readonly already?: boolean
}

interface Given extends StateCase {
  readonly role: (folder: string) => Role
  readonly desired: (folder: string) => Readonly<Record<string, unknown>>
  readonly directory?: string
}

/** What every state promises, whatever made it. */
export function stateSuite(title: string, cases: readonly Given[], { describe, it }: Runner): void {
  describe(title, () => {
    for (const each of cases) {
      const test = (sentence: string, body: (on: OnHost) => Promise<void>): void => {
        it(`${each.name}: ${sentence}`, () => withHost(each, body))
      }

      test('a dry run tells what would change and touches nothing', async ({ apply, tree }) => {
        const before = tree()
        const { plan, end } = await apply({ dry: true })
        assert.equal(end.outcome, 'done')
        assert.equal(plan.changes.operations + plan.changes.later > 0, each.already !== true)
        assert.deepEqual(tree(), before)
      })

      test('applied, it is so, and the engine that looks again agrees', async ({ apply, folder }) => {
        const { operations } = await apply({})
        assert.equal(operations.some((line) => line.endsWith(': changed')), each.already !== true, operations.join('\n'))
        await each.check?.(folder)
      })

      test(each.action ? 'applied again, it is done again' : 'applied again, nothing changes', async ({ apply, tree }) => {
        await apply({})
        const before = tree()
        const { plan, end } = await apply({})
        if (each.action) return assert.ok(plan.changes.operations > 0)
        assert.deepEqual([plan.changes.operations, plan.changes.later, end.operations.changed], [0, 0, 0])
        assert.deepEqual(tree(), before)
        assert.equal((await apply({ dry: true })).plan.changes.operations, 0)
      })

      if (each.drift) {
        test('what was undone by hand is seen, and put right', async ({ apply, folder }) => {
          await apply({})
          await each.drift?.(folder)
          assert.ok((await apply({ dry: true })).plan.changes.operations > 0, 'the dry run saw no difference')
          await apply({})
          await each.check?.(folder)
          assert.equal((await apply({ dry: true })).plan.changes.operations, 0)
        })
      }
    }
  })
}

interface OnHost {
  folder: string
  /** Applies; an error of the run is an error of the test. */
  apply(options: { dry?: boolean }): Promise<Applied>
  tree(): string[]
}

async function withHost(given: Given, body: (on: OnHost) => Promise<void>): Promise<void> {
  const fake: Fake = fakeConnector()
  try {
    const folder = fake.folder('a')
    await given.prepare?.(folder)
    await body({
      folder,
      tree: () => treeOf(folder),
      async apply({ dry = false }) {
        const directory = given.directory === undefined ? {} : { directory: given.directory }
        const applied = await applyWith({ roles: { case: given.role(folder) }, desired: given.desired(folder), load: fake.load, dry, ...directory })
        assert.deepEqual(applied.errors, [])
        return applied
      },
    })
    await ended(fake)
    assert.deepEqual(fake.running(), [], 'something still runs on the host')
  } finally {
    await fake.close()
  }
}

/** A shell that is left goes by itself when its input ends, a moment after the run. */
async function ended(fake: Fake): Promise<void> {
  for (let tries = 0; tries < 2000 && fake.running().length > 0; tries++) await pause(10)
}
