import type { EngineEvent, Listener } from './events.ts'
import type { Redactor } from './redactor.ts'

type WithoutStamp<E> = E extends unknown ? Omit<E, 'run' | 'time'> : never

/** An event as it happens; the emitter stamps it. */
export type EventBody = WithoutStamp<EngineEvent>

export type Emit = (event: EventBody) => void

/** Stamps events, redacts them once and tells all listeners. One that throws never breaks the run: the others are warned of it, once. */
export function createEmitter({ run, listeners, redactor, now = Date.now }: { run: string; listeners: readonly Listener[]; redactor: Redactor; now?: () => number }): Emit {
  const broken = new Set<Listener>()

  function emit(body: EventBody): void {
    const event = redactor.redactEvent<EngineEvent>({ ...body, run, time: now() })
    for (const listener of listeners) tell(listener, event)
  }

  function tell(listener: Listener, event: EngineEvent): void {
    try {
      // A listener that turns out to be asynchronous must not end the process with a rejection either.
      const answer: unknown = listener(event)
      if (answer instanceof Promise) answer.catch((error: unknown) => failed(listener, error))
    } catch (error) {
      failed(listener, error)
    }
  }

  function failed(listener: Listener, error: unknown): void {
    if (broken.has(listener)) return
    broken.add(listener)
    const message = `Something that follows this run failed: ${error instanceof Error ? error.message : String(error)}`
    emit({ type: 'warning', code: 'LISTENER_FAILED', message, hint: 'The run goes on; what it shows or writes may be incomplete.' })
  }

  return emit
}
