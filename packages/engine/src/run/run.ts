import { setMaxListeners } from 'node:events'
import { hostname, userInfo } from 'node:os'
import { revealSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { createPluginContexts } from '../context/index.ts'
import { createConnector } from '../connect/index.ts'
import { createLimiter } from '../connect/limiter.ts'
import { createEmitter, createJournal, createRedactor, EVENTS_VERSION, newRunId } from '../events/index.ts'
import type { HostState, OperationCounts } from '../events/events.ts'
import { expandFleet } from '../inventory/index.ts'
import type { RunOptions, RunResult } from './contract.ts'
import { finishHost } from './finish-host.ts'
import { guardRemovals } from './guard-removals.ts'
import { lookAt } from './look-host.ts'
import { createPasswords } from './passwords.ts'
import { planOf } from './plan.ts'
import type { RunFacts } from './plan-role.ts'
import { assignRoles } from './roles.ts'

const NEVER = new AbortController().signal
const HOSTS_AT_ONCE = 50
/** Seconds until a change that may cut us off is taken back. */
const GUARD = 60

/**
 * A run from its hosts to its last event: inventory → connect → observe → plan → confirm → apply → verify.
 * Throws only before it has begun (Ch-obolo, selection, inventory); after that every failure belongs to a host.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const { signal = NEVER, kill = NEVER, id = newRunId(), dry, choboloPath, skipConfirm, parallelism = HOSTS_AT_ONCE, timeout, guard = GUARD } = options
  const controller = options.controller ?? `${userInfo().username}@${hostname()}`
  const began = Date.now()

  // Each host listens to them; a fleet is not a leak.
  setMaxListeners(0, signal, kill)

  const redactor = options.redactor ?? createRedactor()
  const learn = (value: Secret): void => redactor.add(revealSecret(value))
  const reveal = (value: Secret): string => {
    learn(value)
    return revealSecret(value)
  }
  // What is asked is shown as well.
  const confirmMore = options.confirmMore && ((question: Parameters<NonNullable<RunOptions['confirmMore']>>[0]) => options.confirmMore?.(redactor.redactEvent(question)) ?? Promise.resolve(false))
  const listeners = [...(options.listeners ?? [])]
  const emit = createEmitter({ run: id, listeners, redactor })
  const warn = (message: string): void => emit({ type: 'warning', code: 'JOURNAL', message })
  const journal = options.journal === undefined ? undefined : createJournal(options.journal, id, { warn })
  if (journal) listeners.unshift(journal.listener)
  const contexts = createPluginContexts({ signal, emit, redactor, prompt: options.prompt })

  const { load, boats = [], groups = {} } = options
  const fleet = expandFleet({ hosts: options.hosts, boats, groups, load, isConnector: options.isConnector }, contexts.of())
  const { hosts, roles } = await fleet.then((all) => assignRoles(all, options, emit)).catch((error: unknown) => {
    // The next run would tell of one that never came to its end.
    journal?.discard()
    throw error
  })
  const facts: RunFacts = { id, dry, hosts: hosts.map(({ name }) => name), choboloPath, skipConfirm }
  emit({ type: 'run.begin', version: EVENTS_VERSION, dry, hosts: [...facts.hosts], roles: options.roles.map(({ tag }) => tag), chobolo: choboloPath, controller })

  const connector = createConnector({ load, context: contexts.of, signal, parallelism })
  const limited = createLimiter(parallelism)
  const look = { options, facts, emit, connector, password: createPasswords(options.password, learn), signal }
  const looked = await Promise.all(hosts.map((host) => limited(() => lookAt(host, roles.get(host) ?? [], look))))
  for (const each of looked) each.shown = await guardRemovals(each.shown, { ...options, ...(confirmMore && { confirmMore }) })
  // Redacted once here too: it is shown in the question and given back.
  const plan = redactor.redactEvent(planOf(looked.map(({ shown }) => shown)))
  emit({ type: 'plan', plan })

  const changes = plan.changes.hosts > 0 && !dry && !signal.aborted
  const asking = Date.now()
  const answer = !changes ? undefined : skipConfirm || !options.confirm ? 'not needed' : (await options.confirm(plan)) ? 'yes' : 'no'
  if (answer !== undefined) emit({ type: 'confirm', answer })
  // A person's thinking is not the hosts' time.
  const waited = answer === 'yes' || answer === 'no' ? Date.now() - asking : 0
  const go = changes && answer !== 'no' && !signal.aborted

  contexts.workStarted()
  const apply = { run: facts, emit, owner: { run: id, controller, pid: process.pid }, timeout, guard, reveal, redact: redactor.redact, confirmMore, signal, kill }
  const ends = await Promise.all(looked.map((each) => limited(() => finishHost(each, { go, waited }, apply))))

  const states: Record<HostState, number> = { ok: 0, changed: 0, failed: 0, unreachable: 0, unknown: 0, skipped: 0 }
  const operations: OperationCounts = { ok: 0, changed: 0, failed: 0, unknown: 0, skipped: 0 }
  for (const end of ends) {
    states[end.state]++
    for (const state of Object.keys(operations) as (keyof OperationCounts)[]) operations[state] += end.operations[state]
  }
  const bad = states.failed + states.unreachable + states.unknown > 0
  const outcome = signal.aborted ? 'interrupted' : answer === 'no' ? 'declined' : bad ? 'failed' : 'done'
  const end = { type: 'run.end', outcome, dry, hosts: states, operations, milliseconds: Date.now() - began - waited } as const
  emit(end)
  journal?.close()
  const stamp = { run: id, time: Date.now() }
  return { id, plan, end: { ...end, ...stamp }, hosts: ends.map((each) => redactor.redactEvent({ ...each, ...stamp })) }
}
