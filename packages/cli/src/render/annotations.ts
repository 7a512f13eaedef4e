import path from 'node:path'
import type { EngineEvent, ErrorReport, Listener } from '@chaos/engine'
import { problemsOf } from './error.ts'

/** GitHub shows ten annotations of a kind per step and drops the others without a word. */
const MOST = 9

/** Errors of a run as annotations of GitHub's log. On stderr, which GitHub reads as well: stdout stays pure. */
export function makeAnnotations(write: (text: string) => void = toStderr): Listener {
  let given = 0
  const seen = new Set<string>()
  return (event: EngineEvent) => {
    if (event.type !== 'operation.end' && event.type !== 'host.end') return
    if (!event.error) return
    const key = `${event.host} ${event.error.code} ${event.error.message}`
    if (seen.has(key)) return
    seen.add(key)
    given++
    if (given <= MOST) write(annotation({ ...event.error, message: `${event.host}: ${event.error.message}` }))
    else if (given === MOST + 1) write('::error::There are more errors; see the log.\n')
  }
}

/** An error that ended the command before there was a run. */
export function annotateError(error: ErrorReport, write: (text: string) => void = toStderr): void {
  const problems = problemsOf(error)
  if (problems.length === 0) return write(annotation(error))
  for (const problem of problems.slice(0, MOST)) write(annotation({ code: error.code, ...problem }))
}

function annotation({ code, message, hint, position }: ErrorReport): string {
  const properties = [
    ...(position ? [`file=${property(fromWorkspace(position.file))}`, `line=${position.line}`, `col=${position.column}`] : []),
    `title=${property(`chaos ${code}`)}`,
  ]
  return `::error ${properties.join(',')}::${data(hint === undefined ? message : `${message}\n${hint}`)}\n`
}

function fromWorkspace(file: string): string {
  return path.relative(process.env['GITHUB_WORKSPACE'] ?? process.cwd(), path.resolve(file))
}

/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

function toStderr(text: string): void {
  process.stderr.write(text)
}
