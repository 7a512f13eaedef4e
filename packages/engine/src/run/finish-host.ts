import type { OperationCounts } from '../events/events.ts'
import { applyHost } from './apply.ts'
import type { ApplyContext } from './applying.ts'
import { endOf, settleDry, settleHost } from './end-host.ts'
import type { HostEnding } from './end-host.ts'
import type { HostRun } from './host-state.ts'
import type { LookedAt } from './look-host.ts'
import { reportOf } from './report-error.ts'

/** Whether the plan was confirmed, and how long that took, in milliseconds. */
export interface Answer {
  readonly go: boolean
  readonly waited: number
}

const NOTHING: OperationCounts = { ok: 0, changed: 0, failed: 0, unknown: 0, skipped: 0 }

/** apply ─► verify ─► result, and the end of the connection. Never throws: what fails here fails its host. */
export async function finishHost({ name, began, host, shown }: LookedAt, { go, waited }: Answer, context: Omit<ApplyContext, 'planned'>): Promise<HostEnding> {
  const { emit, signal, kill, run } = context
  if (!host) {
    const { reason, error } = shown
    const end: HostEnding = {
      type: 'host.end', host: name, state: shown.state === 'skipped' ? 'skipped' : 'unreachable',
      ...(reason === undefined ? {} : { reason }), ...(error === undefined ? {} : { error }),
      operations: NOTHING, exchanges: 0, milliseconds: Date.now() - began - waited,
    }
    emit(end)
    return end
  }
  try {
    if (go && shown.state === 'planned') {
      // Whatever happened: the lock is given back, and what began has an end.
      await applyHost(host, { ...context, planned: shown }).catch((error: unknown) => {
        host.error ??= error
      })
      await settleHost(host, run.id, emit, signal.aborted)
    } else settleDry(host, shown)
  } catch (error) {
    host.error ??= error
  }
  const end = { ...endOf(host, waited), ...(shown.error === undefined ? {} : { error: shown.error }) }
  if (shown.state === 'failed') end.state = 'failed'
  emit(end)
  await host.session().close(closing(host)).catch((error: unknown) => emit({ type: 'warning', host: name, code: 'CLOSE_FAILED', message: reportOf(error).message }))
  return end

  function closing({ error }: HostRun): 'done' | 'failed' | 'aborted' | 'dry' {
    if (signal.aborted || kill.aborted) return 'aborted'
    if (!go) return 'dry'
    return error === undefined ? 'done' : 'failed'
  }
}
