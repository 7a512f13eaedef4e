import path from 'node:path'
import type { Position } from '@chaos/core'
import type { ErrorReport } from '@chaos/engine'
import { escapedLines, escapeLine } from './escape.ts'
import type { Style } from './style.ts'

/** Details in the order they are read; the others follow as they come. */
const ORDER = ['command', 'code', 'exit', 'signal', 'stderr', 'stdout']
const NAMES: Readonly<Record<string, string>> = { code: 'exit code', exit: 'exit code' }
/** Shown in a way of their own, or for machines only. */
const NOT_ROWS = new Set(['problems', 'issues', 'path', 'retry'])
const OUTPUT_LINES = 20

/** An error as a block: what happened, its details, where, and what to do. */
export function errorLines(error: ErrorReport, { style, where, of = where, verbose = 0 }: { style: Style; where?: string; /** The host it is about, where it is not written in front. */ of?: string; verbose?: number }): string[] {
  const [first = '', ...more] = escapedLines(error.message)
  const problems = problemsOf(error)
  return [
    `${style.red('✖')} ${where === undefined || first.startsWith(where) ? '' : `${style.bold(where)} `}${first}`,
    ...more.map((line) => `  ${line}`),
    ...(error.position ? [`  ${style.dim('at')} ${style.cyan(place(error.position))}`] : []),
    ...problems.flatMap((problem) => problemLines(problem, style)),
    ...detailLines(told(error.details ?? {}, of), style, verbose),
    ...(error.hint === undefined ? [] : hintLines(error.hint, style)),
  ]
}

/** `ch-obolo.yml:3:5`, as editors and terminals make a link of it; from here when it lies below. */
export function place({ file, line, column }: Position): string {
  const relative = path.relative(process.cwd(), file)
  return `${escapeLine(relative === '' || relative.startsWith('..') ? file : relative)}:${line}:${column}`
}

interface Problem {
  message: string
  hint?: string
  position?: Position
}

/** Several mistakes that were found at once, when there is more than the one that is the error itself. */
export function problemsOf(error: Pick<ErrorReport, 'details' | 'message'>): Problem[] {
  const listed = error.details?.['problems']
  if (!Array.isArray(listed)) return []
  const problems = listed.filter((each): each is Problem => typeof (each as Problem | null)?.message === 'string')
  return problems.length === 1 && problems[0]?.message === error.message ? [] : problems
}

function problemLines({ message, hint, position }: Problem, style: Style): string[] {
  return [
    `  ${position ? `${style.cyan(place(position))} ` : ''}${escapeLine(message)}`,
    ...(hint === undefined ? [] : hintLines(hint, style).map((line) => `  ${line}`)),
  ]
}

function hintLines(hint: string, style: Style): string[] {
  const [first = '', ...more] = escapedLines(hint)
  return [`  ${style.green('→')} ${first}`, ...more.map((line) => `    ${line}`)]
}

/** The layer of a stack that failed is worth a row only where there is more than one. */
function told(details: Readonly<Record<string, unknown>>, host: string | undefined): Readonly<Record<string, unknown>> {
  const { layer, ...others } = details
  return layer === host || layer === `@ssh/${host}` ? others : details
}

function detailLines(details: Readonly<Record<string, unknown>>, style: Style, verbose: number): string[] {
  const names = Object.keys(details).filter((name) => !NOT_ROWS.has(name))
  const known = ORDER.filter((name) => names.includes(name))
  return [...known, ...names.filter((name) => !ORDER.includes(name))].flatMap((name) => {
    const value = details[name]
    const text = typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
    if (text === undefined || text.trim() === '') return []
    const lines = escapedLines(text)
    const label = NAMES[name] ?? name
    if (lines.length === 1) return [`  ${style.dim(label.padEnd(9))} ${lines[0]}`]
    const shown = verbose > 1 ? lines : lines.slice(-OUTPUT_LINES)
    const left = lines.length - shown.length
    return [
      `  ${style.dim(label)}`,
      ...(left > 0 ? [style.dim(`  │ … ${left} lines before (-vv shows all)`)] : []),
      ...shown.map((line) => `  ${style.dim('│')} ${line}`),
    ]
  })
}
