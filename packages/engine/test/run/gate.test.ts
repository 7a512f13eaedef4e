import { stat } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createGate } from '../../src/run/gate.ts'

/** Has the processor for so many milliseconds: nothing else of this process runs. */
function busy(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

describe('when the questions of a host leave', () => {
  it('is not before what was there for another task has come to it, however late that is looked at', async () => {
    let asked = 0
    const sent: number[] = []
    const answered = new Promise<void>((resolve) => {
      const gate = createGate(async () => {
        sent.push(asked)
        if (asked === 2) resolve()
      })
      const [one, other] = [gate.begin(), gate.begin()]
      stat('/', () => {
        asked += 1
        gate.asked(other)
      })
      asked += 1
      gate.asked(one)
    })
    // The look at the disk ends meanwhile, and so does the patience with it.
    busy(100)
    await answered
    expect(sent).toEqual([2])
  })

  it('is a moment after the last one where a task waits for something else', async () => {
    const sent: string[] = []
    await new Promise<void>((resolve) => {
      const gate = createGate(async () => {
        sent.push('after a moment')
        resolve()
      })
      gate.begin()
      gate.asked(gate.begin())
      sent.push('not at once')
    })
    expect(sent).toEqual(['not at once', 'after a moment'])
  })
})
