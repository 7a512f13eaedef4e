import { ChaosError, drawing, isOperation } from '@chaos/core'
import type { Op, Steps } from '@chaos/core'

/**
 * Draws a role: takes what it yields, in order. An operation that was made meanwhile and never yielded
 * is an error that names it.
 */
export async function draw(role: string, begin: () => Steps, yielded: (op: Op) => void): Promise<void> {
  const made = new Set<Op>()
  const inside = <T>(work: () => T): T => drawing().run({ made: (op) => void made.add(op) }, work)

  const take = (op: unknown): void => {
    if (!isOperation(op)) {
      throw new ChaosError('ROLE_YIELD', {
        message: `The role ${role} yielded something that is not an operation.`,
        hint: 'Yield what an operation gives: yield files.put({ … }). For its result: const result = yield* files.put({ … }).',
      })
    }
    made.delete(op.origin ?? op)
    yielded(op)
  }

  const steps: unknown = inside(begin)
  if (isOperation(steps)) take(steps)
  else if (isAsync(steps)) {
    for (;;) {
      const next = await inside(() => steps.next())
      if (next.done) break
      take(next.value)
    }
  } else if (isSync(steps)) {
    const iterator = steps[Symbol.iterator]()
    for (;;) {
      const next = inside(() => iterator.next())
      if (next.done) break
      take(next.value)
    }
  } else if (steps !== undefined) {
    throw new ChaosError('ROLE_STEPS', {
      message: `The role ${role} gave neither operations nor a generator of them.`,
      hint: 'Write it as function* or async function*, or return a list of operations.',
    })
  }

  const [forgotten] = made
  if (forgotten) {
    throw new ChaosError('OPERATION_NOT_YIELDED', {
      message: `The role ${role} made ${forgotten.definition.name} ${forgotten.title} and never yielded it, so it would not run.`,
      hint: `Write yield ${forgotten.definition.name}({ … }).`,
    })
  }
}

function isAsync(steps: unknown): steps is AsyncGenerator {
  return typeof steps === 'object' && steps !== null && Symbol.asyncIterator in steps
}

function isSync(steps: unknown): steps is Iterable<unknown> {
  return typeof steps === 'object' && steps !== null && Symbol.iterator in steps
}
