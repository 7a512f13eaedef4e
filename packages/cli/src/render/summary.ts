import type { EngineEvent, HostState } from '@chaos/engine'
import stringWidth from 'fast-string-width'
import { escapedLines, escapeLine } from './escape.ts'
import type { Style } from './style.ts'
import { count, duration, hostList, hostName } from './words.ts'

export type HostEnd = Extract<EngineEvent, { type: 'host.end' }>
export type RunEnd = Extract<EngineEvent, { type: 'run.end' }>
export type Report = Extract<EngineEvent, { type: 'report' }>

export interface SummaryView {
  style: Style
  /** The command again for some hosts, or for all of them. */
  retry?: (hosts: readonly string[]) => string
}

const BAD: readonly HostState[] = ['failed', 'unreachable', 'unknown']
const COLUMNS = ['changed', 'ok', 'failed', 'skipped'] as const

/** How it ended: a table when there is more than one host, failed hosts last, and the command that tries them again. */
export function summaryLines({ hosts, end, reports }: { hosts: readonly HostEnd[]; end: RunEnd; reports: readonly Report[] }, view: SummaryView): string[] {
  const { style } = view
  if (end.outcome === 'declined') return [style.yellow('Nothing was changed.')]
  const bad = hosts.filter((host) => BAD.includes(host.state))
  const lines = [
    ...(hosts.length > 1 && (!end.dry || bad.length > 0) ? [...table(hosts, view), ''] : []),
    ...reports.map((each) => `${each.host === undefined ? '' : `${hostName(each.host)}: `}${escapeLine(each.text)}`),
  ]
  if (!end.dry || end.outcome !== 'done') lines.push(sentence(end, bad, view))
  const again = bad.filter((host) => host.state !== 'skipped').map((host) => host.host)
  if (again.length > 0 && view.retry) lines.push(`${style.dim('Try again:')} ${view.retry(again)}`)
  return lines
}

function sentence(end: RunEnd, bad: readonly HostEnd[], { style }: SummaryView): string {
  const time = style.dim(` in ${duration(end.milliseconds)}`)
  const { changed, ok, skipped } = end.operations
  const numbers = [count(changed, 'change'), `${ok} already so`, skipped > 0 && `${skipped} skipped`].filter((each) => each !== false).join(', ')
  if (end.outcome === 'interrupted') return `${style.yellow('■')} ${style.bold('Interrupted')}${time}: ${numbers}. Nothing new was started.`
  if (end.outcome === 'failed') return `${style.red('✖')} ${style.bold(bad.length === 0 ? 'Failed' : `Failed on ${hostList(bad.map((host) => host.host))}`)}${time}: ${numbers}.`
  if (changed === 0) return `${style.green('✔')} ${style.bold('Nothing to do')}${time}: ${ok} already so.`
  return `${style.green('✔')} ${style.bold('Done')}${time}: ${numbers}.`
}

/** Hosts that ended alike share a row. */
function table(hosts: readonly HostEnd[], { style }: SummaryView): string[] {
  const rows = new Map<string, HostEnd[]>()
  const ordered = hosts.toSorted((a, b) => Number(BAD.includes(a.state)) - Number(BAD.includes(b.state)))
  for (const host of ordered) {
    const key = JSON.stringify([host.state, host.operations, host.reason, host.error?.message])
    rows.set(key, [...(rows.get(key) ?? []), host])
  }
  const cells = [...rows.values()].map((group) => {
    const first = group[0] as HostEnd
    const why = first.error?.message ?? first.reason
    return {
      state: first.state,
      cells: [hostList(group.map((host) => host.host)), ...COLUMNS.map((column) => String(first.operations[column] || '·'))],
      note: first.state === 'ok' || first.state === 'changed' ? '' : `${first.state}${why === undefined ? '' : `: ${escapedLines(why)[0]}`}`,
    }
  })
  const head = ['host', ...COLUMNS]
  const widths = head.map((title, index) => Math.max(stringWidth(title), ...cells.map((row) => stringWidth(row.cells[index] as string))))
  const line = (row: readonly string[]): string => row.map((cell, index) => pad(cell, widths[index] as number, index > 0)).join('  ')
  return [
    style.dim(`  ${line(head)}`.trimEnd()),
    ...cells.map(({ state, cells: row, note }) => `${sign(state, style)} ${line(row)}${note === '' ? '' : `  ${BAD.includes(state) ? style.red(note) : style.dim(note)}`}`),
  ]
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return right ? space + text : text + space
}

function sign(state: HostState, style: Style): string {
  if (BAD.includes(state)) return style.red('✖')
  if (state === 'changed') return style.yellow('~')
  return state === 'skipped' ? style.dim('-') : style.green('✓')
}
