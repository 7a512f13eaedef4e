import { readFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ChaosError } from '@chaos/core'
import type { Elevation, Fact, Host, Os } from '@chaos/core'
import { protectedOf } from '@chaos/engine'
import { debian } from './debian.ts'
import type { Given } from './given.ts'

export interface FakeHostOptions {
  /** Default `fake`. */
  name?: string
  data?: Record<string, unknown>
  groups?: string[]
  /** What differs from {@link debian}. */
  os?: Partial<Os>
  /** Answers, made with `given`; the first that fits counts. A question without an answer is an error that names it. */
  facts?: readonly Given[]
  /** Where relative local paths start. Default: the current folder. */
  directory?: string
  /** What roles remembered on the host, by role and id. */
  state?: Record<string, Record<string, unknown>>
  /** The role that asks, for `state()` without a name. Default `role`. */
  role?: string
}

/** A fact that was asked for. */
export interface Asked {
  readonly name: string
  readonly args: readonly unknown[]
  readonly as: Elevation
}

/** A host that exists only in its answers, for tests of roles and operations that touch no machine. */
export interface FakeHost extends Host {
  /** What was asked so far, in order. */
  readonly asked: readonly Asked[]
}

export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const asked: Asked[] = []
  const { directory = process.cwd(), facts = [], state = {}, role = 'role' } = options
  const path = (given: string): string => (given.startsWith('~/') ? join(process.env['HOME'] ?? '/', given.slice(2)) : isAbsolute(given) ? given : resolve(directory, given))

  function answer<T>(fact: Fact<T>, as: Elevation): T {
    asked.push({ name: fact.name, args: fact.args, as })
    const found = facts.find(
      (each) => each.fact === fact.name && (each.args === undefined || isDeepStrictEqual(each.args, fact.args)) && (each.as === undefined || isDeepStrictEqual(each.as, as)),
    )
    if (!found) throw unanswered(fact, as)
    const value = found.answer(...(fact.args as never[]))
    if (value instanceof Error) throw value
    return value as T
  }

  function seenBy(as: Elevation): FakeHost {
    return {
      name: options.name ?? 'fake',
      data: options.data ?? {},
      groups: options.groups ?? [],
      os: { ...debian, ...options.os },
      local: {
        directory,
        resolve: path,
        read: (file) => readFile(path(file)),
        hold: async (work) => work(),
      },
      asked,
      fact: async (fact) => answer(fact, as),
      as: seenBy,
      state: (name = role) => ({ items: state[name] ?? {} }),
      protects: protectedOf({ ...debian, ...options.os }, undefined),
    }
  }
  return seenBy({})
}

function unanswered(fact: Fact, as: Elevation): ChaosError {
  const call = `${fact.name}(${fact.args.map((arg) => JSON.stringify(arg)).join(', ')})`
  const who = Object.keys(as).length === 0 ? '' : ` as ${JSON.stringify(as)}`
  return new ChaosError('FACT_NOT_GIVEN', {
    message: `The fake host was asked for ${call}${who}, and the test gives no answer to that.`,
    hint: `Add given(${call}, …) to the facts of fakeHost.`,
  })
}
