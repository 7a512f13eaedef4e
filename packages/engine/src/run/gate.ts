import { after } from '../after.ts'

/** A context, a draw or a diff: something that asks a host questions and may wait for the answers. */
export interface Task {
  /** Questions not yet answered. */
  waiting: number
  ended: boolean
}

/** How long other waiting of a task (a timer, a fetch of its own) may hold back the questions of its host. */
const PATIENCE_MILLISECONDS = 10

/**
 * Decides when a host's questions leave: when every task of it waits for an answer or has ended. So the
 * number of exchanges is the depth of questions, not their number. Work on the controller that goes
 * through `host.local` holds them back; any other waiting is cut off a moment after the last question.
 */
export function createGate(flush: () => Promise<void>): Gate {
  const tasks = new Set<Task>()
  let held = 0
  let busy = false
  let queued = false
  let scheduled: NodeJS.Immediate | undefined
  let lose = (): void => {}

  function schedule(): void {
    if (busy || !queued) return
    scheduled ??= setImmediate(() => {
      scheduled = undefined
      if (held === 0 && [...tasks].every((task) => task.ended || task.waiting > 0)) void send()
    })
  }

  async function send(): Promise<void> {
    if (busy || !queued) return
    lose()
    busy = true
    queued = false
    try {
      await flush()
    } finally {
      busy = false
      schedule()
      if (queued) wait()
    }
  }

  function wait(): void {
    lose()
    // What is looked at before may bring more questions.
    lose = after(PATIENCE_MILLISECONDS, () => {
      if (held === 0) void send()
      else wait()
    })
  }

  return {
    begin() {
      const task: Task = { waiting: 0, ended: false }
      tasks.add(task)
      return task
    },
    end(task) {
      task.ended = true
      tasks.delete(task)
      schedule()
    },
    asked(task) {
      task.waiting++
      queued = true
      schedule()
      if (!busy) wait()
    },
    answered(task) {
      task.waiting--
      schedule()
    },
    async hold(work) {
      held++
      try {
        return await work()
      } finally {
        held--
        schedule()
      }
    },
  }
}

export interface Gate {
  begin(): Task
  end(task: Task): void
  /** The task has a question that must be sent. */
  asked(task: Task): void
  answered(task: Task): void
  /** Runs work of the controller; nothing is sent until it has ended. */
  hold<T>(work: () => T | Promise<T>): Promise<T>
}
