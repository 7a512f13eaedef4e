import { setTimeout as sleep } from 'node:timers/promises'
import { ChaosError } from '@chaos/core'
import type { Engine } from '../engine/contract.ts'
import { capital } from '../engine/refusal.ts'

/** How many lines of a container's log are shown when it is gone. */
const LINES = 5

/** Why nothing can run in a container any more; undefined when it runs. An engine that cannot be reached is no answer. */
export async function whyGone(engine: Engine, id: string, label: string): Promise<ChaosError | undefined> {
  const state = await engine.container(id).catch(() => 'unknown' as const)
  if (state === 'unknown') return undefined
  if (state === undefined) {
    return new ChaosError('CONTAINER_ENDED', { message: `${capital(label)} was removed while chaos worked in it.`, details: { retry: false } })
  }
  if (state.paused) {
    return new ChaosError('CONTAINER_PAUSED', { message: `${capital(label)} is paused.`, hint: `Let it go on: ${engine.program} unpause.`, details: { retry: false } })
  }
  if (state.running) return undefined
  const log = await engine.log(id, LINES).catch(() => [])
  return new ChaosError('CONTAINER_ENDED', {
    message: `${capital(label)} ended with code ${state.code} while chaos worked in it${log.length === 0 ? '; it had printed nothing.' : `. The last it printed: ${log.join(' | ')}`}`,
    hint: 'What was under way there is unknown.',
    details: { code: state.code, log, retry: false },
  })
}

/** The same, for when there is a sign of its end, which is told before the engine itself knows. Looks for this many milliseconds. */
export async function whyGoneSoon(engine: Engine, id: string, label: string, patience: number): Promise<ChaosError | undefined> {
  const until = Date.now() + patience
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    const state = await engine.container(id).catch(() => 'unknown' as const)
    if (state === 'unknown') return undefined
    if (state === undefined || !state.running || state.paused) return whyGone(engine, id, label)
    if (Date.now() > until) return undefined
    await sleep(pause)
  }
}
