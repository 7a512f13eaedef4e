import { sh } from '@chaos/core'
import { noPodman, startMachine } from '@chaos/testkit'
import type { Machine } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holdService } from '../src/service/hold.ts'
import { baseOn } from './support.ts'

const reason = noPodman()
/**
 * A conmon behind a program that has ended: the child that waits has only just been forked when TERM comes for the first time. Its handler
 * ends a sleep that has not begun, and the sleep of five minutes comes after it.
 */
const CONMON = `#!/bin/sh
(trap 'trap - TERM' TERM; sleep 300 & echo $$ >/run/conmon.pid; wait $!; wait $!; exit) &
until ! kill -0 $! 2>/dev/null; do wait $!; done
`

describe.skipIf(reason !== undefined)(`who holds a service of podman${reason === undefined ? '' : ` (${reason})`}`, () => {
  let machine: Machine
  beforeAll(async () => void (machine = await startMachine()))
  afterAll(() => machine?.close())

  it('ends what waits behind a program, though it was told before it listened', async () => {
    await machine.run(`cat >/usr/local/bin/conmon <<'END'\n${CONMON}END\nchmod 755 /usr/local/bin/conmon; setsid /usr/local/bin/conmon --exec-attach of-this-run >/dev/null 2>&1 & until [ -s /run/conmon.pid ]; do sleep 0.05; done`)
    const base = await baseOn(machine)
    const held = await holdService({ base, podman: sh`podman`, socket: '/run/theirs.sock' })
    held!.ran('of-this-run')
    await held!.release()
    await expect.poll(() => machine.run('pgrep -x conmon -c || :'), { timeout: 20_000 }).toBe('0\n')
    await base.close({ outcome: 'done' })
  })
})
