import type { Elevation, Fact, Host, Local, Os, RoleState } from '@chaos/core'
import type { Asked, FactBook } from './fact-book.ts'
import type { Gate, Task } from './gate.ts'
import { operationElevation } from './elevation.ts'
import type { Protects } from './protected.ts'
import type { RoleStates } from './role-state.ts'

/** What a host's views stand on. */
export interface HostBase {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
  readonly groups: readonly string[]
  readonly os: Os
  readonly local: Local
  readonly book: FactBook
  readonly gate: Gate
  readonly states: RoleStates
  readonly protects: Protects
  /** Who things run as there when they say nothing themselves: how root is reached. */
  readonly fallback: Elevation
}

/** The host as one context, draw or diff sees it. What it asks is written to `asked`. */
export function viewOf(base: HostBase, task: Task, role: string, as: Elevation, asked: Asked[]): Host {
  return {
    name: base.name,
    data: base.data,
    groups: base.groups,
    os: base.os,
    local: { ...base.local, read: (path) => base.gate.hold(() => base.local.read(path)), hold: (work) => base.gate.hold(work) },
    fact: (fact) => ask(base, task, as, asked, fact),
    as: (elevation) => viewOf(base, task, role, operationElevation(elevation, elevation.root === true ? base.fallback : {}, base.os), asked),
    state: (other = role): RoleState => base.states.of(other),
    protects: base.protects,
  }
}

async function ask<T>(base: HostBase, task: Task, as: Elevation, asked: Asked[], fact: Fact<T>): Promise<T> {
  const question = base.book.ask(fact, as)
  asked.push(question.asked)
  if (question.fresh) base.gate.asked(task)
  else task.waiting++
  try {
    return (await question.value) as T
  } finally {
    base.gate.answered(task)
  }
}
