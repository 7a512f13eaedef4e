import type { PlannedChange, PlannedValue } from '@chaos/engine'
import { escapedLines, escapeLine } from './escape.ts'
import type { Style } from './style.ts'
import { count, size } from './words.ts'

type Patch = typeof import('diff').structuredPatch

/** The library that compares texts; imported when there is a text to compare. */
export async function loadPatch(): Promise<Patch> {
  return (await import('diff')).structuredPatch
}

/** Comparing two long texts that have nothing in common takes very long; nobody reads the result. */
const MILLISECONDS = 500
const CONTEXT = 3

/** How many lines of a difference are shown without `--diff`: a changed file, a new one. */
const SHORT = { changed: 14, created: 5 }

/** Whether a change has texts that are shown as lines. */
export function hasText({ before, after }: PlannedChange): boolean {
  return [before, after].some((value) => textOf(value)?.includes('\n') === true)
}

/** What changes, line by line, not indented. Empty when the summary says it all. */
export function differenceLines(change: PlannedChange, { style, whole, patch }: { style: Style; whole: boolean; patch: Patch | undefined }): string[] {
  const { before = null, after = null, summary } = change
  if (isOpaque(before) || isOpaque(after)) return opaqueLines(before, after, style)
  const was = textOf(before)
  const will = textOf(after)
  if (was === undefined && will === undefined) return []
  if (!hasText(change)) {
    if ([was, will].every((text) => text === undefined || text === '' || summary.includes(text))) return []
    return [...lines(was, '-').map(style.red), ...lines(will, '+').map(style.green)]
  }
  if (was === undefined || will === undefined) {
    const all = will === undefined ? lines(was, '-').map(style.red) : lines(will, '+').map(style.green)
    return cut(all, whole ? Infinity : SHORT.created, style)
  }
  const found = patch?.('', '', was, will, '', '', { context: CONTEXT, timeout: MILLISECONDS })
  if (!found) return [style.dim('too different to be compared line by line')]
  const all = found.hunks.flatMap((hunk) => [
    style.cyan(`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`),
    ...hunk.lines.map((line) => colourLine(line, style)),
  ])
  return cut(all, whole ? Infinity : SHORT.changed, style)
}

function colourLine(line: string, style: Style): string {
  const text = `${line.charAt(0)} ${escapedLines(line.slice(1))[0] ?? ''}`.trimEnd()
  if (line.startsWith('+')) return style.green(text)
  if (line.startsWith('-')) return style.red(text)
  return style.dim(line.startsWith('\\') ? escapeLine(line) : text)
}

function lines(text: string | undefined, sign: string): string[] {
  return text === undefined ? [] : escapedLines(text).map((line) => `${sign} ${line}`.trimEnd())
}

/** Cutting off one or two lines would only replace them by a line about them. */
function cut(all: string[], most: number, style: Style): string[] {
  const rest = all.length - most
  return rest <= 2 ? all : [...all.slice(0, most), style.dim(`… ${count(rest, 'more line')} (--diff shows all)`)]
}

function textOf(value: PlannedValue | undefined): string | undefined {
  return value !== null && value !== undefined && 'text' in value ? value.text : undefined
}

function isOpaque(value: PlannedValue): boolean {
  return value !== null && !('text' in value)
}

function opaqueLines(before: PlannedValue, after: PlannedValue, style: Style): string[] {
  return [
    ...(before === null ? [] : [style.red(`- ${describe(before)}`)]),
    ...(after === null ? [] : [style.green(`+ ${describe(after)}`)]),
  ]
}

function describe(value: NonNullable<PlannedValue>): string {
  if ('secret' in value) return '*** (secret)'
  if ('bytes' in value) return `${size(value.bytes)} of data, sha256 ${value.sha256.slice(0, 12)}…`
  return `${escapedLines(value.text).length} lines of text`
}
