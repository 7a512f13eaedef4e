import type { EngineEvent, Listener } from '@chaos/engine'
import type { Warning } from '../aliases.ts'
import { errorLines, place } from './error.ts'
import { escapedLines, escapeLine } from './escape.ts'
import { guardLines } from './guard.ts'
import { changeText, planLines } from './plan.ts'
import type { Printer } from './printer.ts'
import type { Style } from './style.ts'
import { summaryLines } from './summary.ts'
import type { HostEnd, Report } from './summary.ts'
import { count, duration, hostName } from './words.ts'

export interface PersonView {
  /** Of stdout: plan and summary. */
  out: Style
  /** Of stderr: what happens meanwhile, and errors. */
  err: Style
  diff: boolean
  verbose: number
  retry?: (hosts: readonly string[]) => string
}

export interface PersonRenderer {
  listener: Listener
  /** Everything that was told so far is on the screen. Before a question, and at the end. */
  settled(): Promise<void>
}

/** A run as lines for people: plan, what happens, errors as blocks, summary. The same with and without a terminal, but for colours. */
export function makePerson(printer: Printer, view: PersonView): PersonRenderer {
  const { out, err, verbose } = view
  const hosts: HostEnd[] = []
  const reports: Report[] = []
  const shown = new Set<string>()
  let dry = false
  let planned = false
  // A plan may wait for the library that compares texts; all that comes after it waits in line.
  let line: Promise<void> = Promise.resolve()

  const showError = (event: Extract<EngineEvent, { type: 'operation.end' | 'host.end' }>): void => {
    const { error } = event
    if (!error) return
    const key = `${event.host}\n${error.code}\n${error.message}`
    if (shown.has(key)) return
    shown.add(key)
    const where = event.type === 'host.end' ? hostName(event.host) : `${hostName(event.host)} · ${event.role} · ${escapeLine(event.title)}`
    printer.err(['', ...errorLines({ ...error, message: event.type === 'host.end' ? error.message : `${event.operation}: ${error.message}` }, { style: err, where, verbose }), ''])
  }

  const handle = async (event: EngineEvent): Promise<void> => {
    switch (event.type) {
      case 'run.begin':
        dry = event.dry
        break
      case 'host.connected':
        if (verbose > 2) printer.err([err.dim(`${hostName(event.host)}: connected as ${escapeLine(event.user)} in ${duration(event.milliseconds)}`)])
        break
      case 'role.skipped':
        if (verbose > 0) printer.err([err.dim(`${hostName(event.host)} · ${event.role}: skipped, ${escapeLine(event.reason)}`)])
        break
      case 'plan': {
        planned = true
        for (const host of event.plan.hosts) {
          for (const error of [host.error, ...host.roles.map((role) => role.error)]) if (error) shown.add(`${host.host}\n${error.code}\n${error.message}`)
        }
        printer.out(await planLines(event.plan, { style: out, diff: view.diff, verbose }))
        break
      }
      case 'operation.end':
        operationEnd(event)
        break
      case 'output':
        if (verbose > 1) printer.err(escapedLines(event.text).map((text) => `${err.dim(`${hostName(event.host)} │`)} ${text}`))
        break
      case 'warning':
        printer.err(warningLines(event, err))
        break
      case 'guard':
        printer.err(guardLines(event, { style: err, verbose }))
        break
      case 'report':
        reports.push(event)
        break
      case 'host.end':
        hosts.push(event)
        showError(event)
        hostEnd(event)
        break
      case 'run.end': {
        const lines = summaryLines({ hosts, end: event, reports }, { style: out, ...(view.retry && { retry: view.retry }) })
        printer.out(lines.length > 0 && planned ? ['', ...lines] : lines)
        break
      }
      default:
    }
  }

  const operationEnd = (event: Extract<EngineEvent, { type: 'operation.end' }>): void => {
    if (event.state === 'failed' || event.state === 'unknown') return showError(event)
    const name = `${hostName(event.host)} · ${event.role}`
    const title = `${event.operation} ${escapeLine(event.title)}`
    if (event.state === 'changed') {
      const what = changeText(escapeLine(event.title), event.changes)
      printer.err([`${err.green('✔')} ${name} · ${what} ${err.dim(duration(event.milliseconds))}`])
    } else if (event.state === 'skipped' && verbose > 0) {
      printer.err([err.dim(`- ${name} · ${title}: skipped${event.reason === undefined ? '' : `, ${escapeLine(event.reason)}`}`)])
    } else if (event.state === 'ok' && verbose > 0 && !dry) printer.err([err.dim(`✓ ${name} · ${title}`)])
  }

  const hostEnd = (event: HostEnd): void => {
    if (dry || hosts.length < 1) return
    const { changed, ok } = event.operations
    const time = err.dim(duration(event.milliseconds))
    const exchanges = verbose > 2 ? err.dim(`, ${count(event.exchanges, 'exchange')}`) : ''
    if (event.state === 'changed') printer.err([`${err.green('✔')} ${err.bold(hostName(event.host))} ${count(changed, 'change')}, ${ok} already so ${time}${exchanges}`])
    else if (verbose > 0 && event.state === 'ok') printer.err([err.dim(`✓ ${hostName(event.host)} ${ok} already so `) + time + exchanges])
    else if (event.state === 'failed' || event.state === 'unreachable' || event.state === 'unknown') {
      printer.err([`${err.red('✖')} ${err.bold(hostName(event.host))} ${err.red(event.state)}${event.reason === undefined ? '' : `: ${escapeLine(event.reason)}`} ${time}${exchanges}`])
    }
  }

  return {
    listener: (event) => {
      line = line.then(() => handle(event))
    },
    settled: () => line,
  }
}

export function warningLines({ host, message, hint, position }: Pick<Warning, 'message' | 'hint' | 'position'> & { host?: string }, style: Style): string[] {
  const where = host === undefined ? '' : `${hostName(host)}: `
  return [
    `${style.yellow('⚠')} ${where}${escapeLine(message)}`,
    ...(position === undefined ? [] : [`  ${style.dim('at')} ${style.cyan(place(position))}`]),
    ...(hint === undefined ? [] : [`  ${style.green('→')} ${escapeLine(hint)}`]),
  ]
}
