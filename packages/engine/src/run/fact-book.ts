import { ChaosError } from '@chaos/core'
import type { Elevation, Fact, FactDefinition, Touch } from '@chaos/core'
import { elevationKey } from '../session/index.ts'
import type { Answer, Part, PartAnswer, Request } from '../session/contract.ts'
import { answerOf, partsOf } from './fact-frame.ts'
import type { Question } from './fact-frame.ts'
import { meets } from './touches.ts'
import type { Reach } from './touches.ts'

/** A question that was asked, so that it can be asked again. */
export interface Asked {
  readonly key: string
  readonly fact: Fact
  readonly as: Elevation
  readonly reads: Reach
}

interface Entry extends Asked {
  readonly value: Promise<unknown>
  settle(outcome: { value: unknown } | { error: unknown }): void
  sent: boolean
}

/** What is known about a host: answers by user and command, until a change makes them stale. */
export interface FactBook {
  /** The answer, remembered or to come; `fresh` says that it must still be sent. */
  ask(fact: Fact, as: Elevation): { asked: Asked; value: Promise<unknown>; fresh: boolean }
  /** Requests for all that was asked and not yet sent, one a user. */
  take(): Outgoing
  /** Requests parts for these questions, as one user, to ride with a change. */
  prefetch(questions: readonly Asked[], as: Elevation): Outgoing
  /** Whether the answer that was given to this question is still the one that is true. */
  current(asked: Asked): boolean
  /** Forgets what a change may have altered. */
  forget(touched: Reach): void
  /** Forgets these answers, so that the host is looked at again. */
  forgetAsked(questions: readonly Asked[]): void
  /** Symlinks seen so far. */
  readonly links: Map<string, string>
}

export interface Outgoing {
  readonly requests: readonly Request[]
  /** Gives the answers to who asked. */
  settle(answers: readonly Answer[]): void
  fail(error: unknown): void
}

/** Every code is an answer here: whether it is a good one is the fact's to say. */
const ANY_CODE = Array.from({ length: 256 }, (_, code) => code)

export function createFactBook(host: string, timeout: number | undefined): FactBook {
  const entries = new Map<string, Entry>()
  const identities = new Map<FactDefinition<readonly never[], unknown>, number>()
  const links = new Map<string, string>()

  function keyOf(fact: Fact, as: Elevation): string {
    const { definition, args } = fact
    const command = definition.command as ((...args: readonly unknown[]) => { text: string }) | undefined
    if (command) return `${elevationKey(as)}\n${definition.name}\n${command(...args).text}`
    // A command made for many calls at once may hold something random; such a fact goes by its identity.
    const identity = identities.get(definition) ?? identities.size
    identities.set(definition, identity)
    return `${elevationKey(as)}\n${definition.name}#${identity}\n${JSON.stringify(args)}`
  }

  function open(key: string, fact: Fact, as: Elevation): Entry {
    let settle!: Entry['settle']
    const value = new Promise<unknown>((resolve, reject) => {
      settle = (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.value))
    })
    // Someone may ask and no longer listen (a draw that failed meanwhile); that must not end the process.
    value.catch(() => undefined)
    const reads = fact.definition.reads as ((...args: readonly unknown[]) => readonly Touch[]) | undefined
    const entry: Entry = { key, fact, as, reads: reads ? reads(...fact.args) : 'everything', value, settle, sent: false }
    entries.set(key, entry)
    return entry
  }

  function outgoing(unsent: readonly Entry[], together?: Elevation): Outgoing {
    const byUser = new Map<string, Entry[]>()
    for (const entry of unsent) {
      entry.sent = true
      const user = together ? '' : elevationKey(entry.as)
      byUser.set(user, [...(byUser.get(user) ?? []), entry])
    }
    const sent = [...byUser.values()].map((asking) => {
      const questions = asking.map((entry): Question => ({ fact: entry.fact, entry }))
      const groups = partsOf(questions)
      const parts = groups.map((group): Part => ({
        kind: 'command', command: group.command, exit: ANY_CODE, ...(timeout === undefined ? {} : { timeout }),
      }))
      return { groups, request: { as: asking[0]?.as ?? {}, parts } satisfies Request }
    })
    return {
      requests: sent.map(({ request }) => request),
      settle(answers) {
        sent.forEach(({ groups }, index) => {
          groups.forEach((group, part) => {
            const answer: PartAnswer = answers[index]?.[part] ?? { state: 'skipped' }
            if (answer.state === 'skipped') return drop(group.questions.map(({ entry }) => entry as Entry))
            for (const { entry, outcome } of answerOf(group, answer, host)) {
              if ('value' in outcome) learnLinks((entry as Entry).fact, outcome.value)
              ;(entry as Entry).settle(outcome)
            }
          })
        })
      },
      fail(error) {
        for (const entry of unsent) {
          entries.delete(entry.key)
          entry.settle({ error })
        }
      },
    }
  }

  /** A question that rode with a change that failed was never asked. */
  function drop(skipped: readonly Entry[]): void {
    for (const entry of skipped) {
      if (entries.get(entry.key) === entry) entries.delete(entry.key)
      entry.settle({
        error: new ChaosError('FACT_NOT_ASKED', { message: `${entry.fact.name} was not asked on ${host}, because what came before it failed.`, host }),
      })
    }
  }

  function learnLinks(fact: Fact, value: unknown): void {
    const found = fact.definition.links as ((value: unknown, ...args: readonly unknown[]) => readonly { path: string; target: string }[]) | undefined
    for (const { path, target } of found?.(value, ...fact.args) ?? []) links.set(path, target)
  }

  return {
    links,
    ask(fact, as) {
      const key = keyOf(fact, as)
      const known = entries.get(key)
      const entry = known ?? open(key, fact, as)
      return { asked: entry, value: entry.value, fresh: !entry.sent }
    },
    take: () => outgoing([...entries.values()].filter((entry) => !entry.sent)),
    prefetch(questions, as) {
      const mine = questions.filter((asked) => elevationKey(asked.as) === elevationKey(as))
      const unique = new Map(mine.map((asked) => [asked.key, asked]))
      return outgoing([...unique.values()].filter((asked) => !entries.has(asked.key)).map((asked) => open(asked.key, asked.fact, asked.as)), as)
    },
    current: (asked) => entries.get(asked.key) === asked,
    forget(touched) {
      for (const [key, entry] of entries) if (entry.sent && meets(touched, entry.reads, links)) entries.delete(key)
    },
    forgetAsked(questions) {
      for (const { key } of questions) if (entries.get(key)?.sent) entries.delete(key)
    },
  }
}
