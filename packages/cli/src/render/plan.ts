import type { Plan, PlannedChange, PlannedHost, PlannedOperation, PlannedRole } from '@chaos/engine'
import { differenceLines, hasText, loadPatch } from './difference.ts'
import { errorLines } from './error.ts'
import { escapeLine } from './escape.ts'
import type { Style } from './style.ts'
import { count, hostList, runsAs } from './words.ts'

export interface PlanView {
  style: Style
  /** `--diff`: whole differences. */
  diff: boolean
  /** `-v` also shows what is already so. */
  verbose: number
}

/** The plan as a person reads it: by host and role, identical hosts folded into one block, broken hosts last. */
export async function planLines(plan: Plan, view: PlanView): Promise<string[]> {
  const patch = changesOf(plan).some(hasText) ? await loadPatch() : undefined
  const groups = fold(plan.hosts)
  const busy = groups.filter(([host]) => host.state === 'planned' && (view.verbose > 0 || host.roles.some(hasSomething)))
  const broken = groups.filter(([host]) => host.state === 'failed' || host.state === 'unreachable')
  const skipped = groups.filter(([host]) => host.state === 'skipped')
  return [
    ...busy.flatMap((group) => [...hostLines(group, view, patch), '']),
    ...skipped.map(([host, names]) => view.style.dim(`${hostList(names)}: skipped${host.reason === undefined ? '' : `, ${escapeLine(host.reason)}`}`)),
    ...(skipped.length > 0 ? [''] : []),
    ...broken.flatMap(([host, names]) => [...brokenLines(host, names, view), '']),
    planSentence(plan, view),
  ]
}

/** `Plan: 5 changes on 2 hosts, 1 removal, 12 already so.` */
export function planSentence(plan: Plan, { style }: Pick<PlanView, 'style'>): string {
  const { operations, hosts, removals, later } = plan.changes
  const same = plan.hosts.flatMap((host) => host.roles.flatMap((role) => role.operations)).filter((each) => each.verdict === 'same').length
  const broken = plan.hosts.filter((host) => host.state === 'failed' || host.state === 'unreachable').length
  const parts = [
    operations > 0 && `${style.bold(count(operations, 'change'))} on ${onHosts(plan, hosts)}`,
    removals > 0 && style.red(count(removals, 'removal')),
    later > 0 && style.yellow(`${later} known after apply`),
    same > 0 && style.dim(`${same} already so`),
    broken > 0 && style.red(`${count(broken, 'host')} could not be planned`),
  ].filter((part) => part !== false)
  if (operations === 0 && later === 0) parts.unshift(broken > 0 ? 'nothing to do elsewhere' : 'nothing to do')
  return `${style.bold('Plan:')} ${parts.join(', ')}.`
}

/** The hosts something happens on, by name when it is one. */
export function onHosts(plan: Plan, number: number): string {
  const busy = plan.hosts.filter((host) => host.roles.some((role) => role.operations.some((each) => each.verdict !== 'same')))
  return number === 1 && busy.length === 1 ? hostList([(busy[0] as PlannedHost).host]) : count(number, 'host')
}

function changesOf(plan: Plan): PlannedChange[] {
  return plan.hosts.flatMap((host) => host.roles.flatMap((role) => role.operations.flatMap((each) => each.changes)))
}

/** Hosts whose plans read alike, in the order of the first of each. */
export function fold(hosts: readonly PlannedHost[]): [PlannedHost, string[]][] {
  const groups = new Map<string, [PlannedHost, string[]]>()
  for (const host of hosts) {
    const { state, error, reason, roles, os } = host
    const alike = JSON.stringify([state, error, reason, os, roles], (key, value: unknown) => (key === 'id' ? undefined : value))
    const group = groups.get(alike)
    if (group) group[1].push(host.host)
    else groups.set(alike, [host, [host.host]])
  }
  return [...groups.values()]
}

function hasSomething(role: PlannedRole): boolean {
  return role.error !== undefined || (role.kept ?? []).length > 0 || role.operations.some((each) => each.verdict !== 'same')
}

type Patch = Awaited<ReturnType<typeof loadPatch>> | undefined

function hostLines([host, names]: [PlannedHost, string[]], view: PlanView, patch: Patch): string[] {
  const { style, verbose } = view
  const about = host.os === undefined ? '' : style.dim(` · ${escapeLine(host.os)}`)
  const lines = [`${style.bold(hostList(names))}${about}`]
  if (verbose > 0 && names.length > 4) lines.push(style.dim(`  ${names.join(', ')}`))
  for (const role of host.roles) {
    if (role.skipped !== undefined) {
      if (verbose > 0) lines.push(`  ${role.role} ${style.dim(`skipped: ${escapeLine(role.skipped)}`)}`)
    } else if (hasSomething(role) || verbose > 0) lines.push(...roleLines(role, view, patch))
  }
  return lines
}

function roleLines(role: PlannedRole, view: PlanView, patch: Patch): string[] {
  const { style, verbose } = view
  const lines = [`  ${style.bold(role.role)}`]
  if (role.error) lines.push(...errorLines(role.error, { style }).map((line) => `    ${line}`))
  for (const each of role.operations) {
    if (each.verdict !== 'same' || verbose > 0) lines.push(...operationLines(each, view, patch).map((line) => `    ${line}`))
  }
  lines.push(...keptLines(role.kept ?? [], view))
  const same = role.operations.filter((each) => each.verdict === 'same').length
  if (same > 0 && verbose === 0) lines.push(`    ${style.dim(`✓ ${same} already so`)}`)
  return lines
}

/** What is left as it is. A long list is cut: of interest is what changes. */
function keptLines(kept: readonly string[], { style, verbose }: PlanView): string[] {
  const shown = verbose > 0 || kept.length <= MOST_KEPT ? kept : kept.slice(0, MOST_KEPT - 1)
  const more = kept.length - shown.length
  return [...shown.map((each) => `    ${style.dim(`= ${escapeLine(each)}`)}`), ...(more > 0 ? [`    ${style.dim(`= ${more} more are kept (-v shows them)`)}`] : [])]
}

const MOST_KEPT = 6

function operationLines(operation: PlannedOperation, view: PlanView, patch: Patch): string[] {
  const { style } = view
  const title = escapeLine(operation.title)
  const note = (...parts: (string | undefined)[]): string =>
    style.dim(`  ${[operation.operation, runsAs(operation.as), ...parts].filter((part) => part !== undefined).join(' · ')}`)
  const reason = operation.reason === undefined ? undefined : escapeLine(operation.reason)
  switch (operation.verdict) {
    case 'same':
      return [style.dim(`✓ ${title}  ${operation.operation}`)]
    case 'later':
      return [`${style.yellow('?')} ${title}${note()}`, style.yellow(`    known after apply${reason === undefined ? '' : `: ${reason}`}`)]
    case 'conditional':
      return [`${style.yellow('?')} ${title}${note(reason ?? 'depends on an earlier result')}`]
    case 'action':
      return [`${style.yellow('!')} ${title}${note('always runs')}`, ...inner(operation.changes, view, patch, title)]
    default:
      return changeLines(operation, title, note(), view, patch)
  }
}

function changeLines({ changes }: PlannedOperation, title: string, note: string, view: PlanView, patch: Patch): string[] {
  const { style } = view
  const [only] = changes
  if (changes.length === 1 && only) {
    return [`${symbol(only, style)} ${changeText(title, [only])}${removal(only, style)}${access(only, style)}${note}`, ...difference(only, view, patch)]
  }
  const strongest = changes.find((change) => change.removes) ?? changes.find(creates) ?? only
  return [`${strongest ? symbol(strongest, style) : '~'} ${title}${note}`, ...inner(changes, view, patch, title)]
}

/** What changes where, in one line: summaries rarely repeat the operation's title. */
export function changeText(title: string, changes: readonly PlannedChange[]): string {
  const summary = changes.map((change) => escapeLine(change.summary)).join(', ')
  return summary === '' || summary.includes(title) ? summary || title : `${title}: ${summary}`
}

/** The changes below an operation's own line. A summary that only repeats the line is left out. */
function inner(changes: readonly PlannedChange[], view: PlanView, patch: Patch, title: string): string[] {
  return changes.flatMap((change) => {
    const summary = escapeLine(change.summary)
    const head = summary === title ? [] : [`    ${symbol(change, view.style)} ${summary}${removal(change, view.style)}${access(change, view.style)}`]
    return [...head, ...difference(change, view, patch)]
  })
}

function difference(change: PlannedChange, { style, diff }: PlanView, patch: Patch): string[] {
  return differenceLines(change, { style, whole: diff, patch }).map((line) => `      ${line}`)
}

function symbol(change: PlannedChange, style: Style): string {
  if (change.removes) return style.red('-')
  return creates(change) ? style.green('+') : style.yellow('~')
}

/** What there was is often not told where there was nothing; a secret, and what is no text, is told alone also where it replaces another. */
function creates({ before, after }: PlannedChange): boolean {
  return before === null || (before === undefined && after !== undefined && after !== null && 'text' in after)
}

function removal(change: PlannedChange, style: Style): string {
  return change.removes ? style.red('  removes') : ''
}

function access(change: PlannedChange, style: Style): string {
  return change.risk === 'access' ? style.red('  may cut off your own access') : ''
}

function brokenLines(host: PlannedHost, names: string[], view: PlanView): string[] {
  const { style } = view
  const head = `${style.bold(hostList(names))} ${style.red(host.state === 'unreachable' ? 'unreachable' : 'could not be planned')}`
  const roles = host.roles.flatMap((role) => (role.error ? [`  ${role.role}`, ...errorLines(role.error, view).map((line) => `    ${line}`)] : []))
  // The host failed because of a role: what the role says is the whole of it.
  const told = host.roles.some(({ error }) => error && error.code === host.error?.code && error.message === host.error.message)
  return [head, ...(host.error && !told ? errorLines(host.error, { ...view, of: host.host }).map((line) => `  ${line}`) : []), ...roles]
}
