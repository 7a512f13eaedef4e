import { setTimeout as sleep } from 'node:timers/promises'
import { ChaosError } from '@chaos/core'
import type { Engine } from '../engine/contract.ts'

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
    return new ChaosError('CONTAINER_PAUSED', { message: `${capital(label)} is paused.`, hint: 'Let it go on: docker unpause.', details: { retry: false } })
  }
  if (state.running) return undefined
  const log = await engine.log(id, LINES).catch(() => [])
  return new ChaosError('CONTAINER_ENDED', {
    message: `${capital(label)} ended with code ${state.code} while chaos worked in it${log.length === 0 ? '; it had printed nothing.' : `. The last it printed: ${log.join(' | ')}`}`,
    hint: 'What was under way there is unknown.',
    details: { code: state.code, log, retry: false },
  })
}

/** Milliseconds an engine may take to notice that a container has ended, after what ran in it has. */
const NOTICE = 1000

/** The same, for when there is a sign of its end: that is told before the engine itself knows. */
export async function whyGoneSoon(engine: Engine, id: string, label: string): Promise<ChaosError | undefined> {
  const until = Date.now() + NOTICE
  for (let pause = 10; ; pause *= 2) {
    const why = await whyGone(engine, id, label)
    if (why || Date.now() + pause > until) return why
    await sleep(pause)
  }
}

function capital(label: string): string {
  return label.replace(/^./, (first) => first.toUpperCase())
}
