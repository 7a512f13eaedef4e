import type { Op } from '@chaos/core'
import { afterEach, describe, expect, test } from 'vitest'
import { pacman } from '../src/index.ts'
import { noPacman, startArch } from './support/arch.ts'
import type { Arch } from './support/arch.ts'
import { onMachine } from './support/on-machine.ts'
import type { OnMachine } from './support/on-machine.ts'

const missing = noPacman()
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close()
})

/** An Arch with fresh package lists, unless `lists` is false. */
async function arch({ lists = true, installed = [] as readonly string[] } = {}): Promise<Arch & Pick<OnMachine, 'apply'>> {
  const machine = await startArch()
  open.push(machine)
  const on = onMachine(machine)
  open.push(on)
  if (lists) await machine.run('pacman -Sy')
  if (installed.length > 0) await machine.run(`pacman -S --noconfirm ${installed.join(' ')}`)
  return { ...machine, apply: on.apply }
}

/** What a run changed: summaries of all operations. */
function summaries({ events }: Awaited<ReturnType<OnMachine['apply']>>): string[] {
  return events.flatMap((event) => (event.type === 'operation.plan' ? event.changes.map(({ summary }) => summary) : []))
}
void summaries
const run = (op: Op) => [op]

describe.skipIf(missing)(`pacman.packages${missing === undefined ? '' : ` (${missing})`}`, () => {
  test('installs packages with what they need, which stays a dependency, and is then so in 2 exchanges', async () => {
    const { apply, installed, run: sh } = await arch()
    const first = await apply(run(pacman.packages({ packages: ['app', 'extra'] })))
    expect([first.errors, first.operations]).toEqual([[], ['pacman.packages app, extra: changed']])
    expect(await installed()).toEqual(['app 1.0-1', 'extra 1.0-1', 'libapp 1.0-1', 'libbase 1.0-1'])
    expect(await sh('pacman -Qqe')).toBe('app\nextra\n')
    const second = await apply(run(pacman.packages({ packages: ['app', 'extra'] })))
    expect([second.errors, second.hosts[0]?.state, second.hosts[0]?.exchanges]).toEqual([[], 'ok', 2])
  })
})
