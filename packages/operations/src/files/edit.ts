import { ChaosError } from '@chaos/core'
import type { Change, Host } from '@chaos/core'
import { content } from '../facts/content.ts'
import { asText } from './as-text.ts'
import { look, makeRoom } from './surroundings.ts'

export interface Edit {
  readonly path: string
  readonly backup: boolean
  /** How the change is called. */
  readonly summary: string
  /** The text as it should be; `null` = nothing is there, and what comes out of it is created unless it is `null` too. */
  readonly edit: (text: string | null) => string | null
  readonly removes?: boolean
}

/** Compares a text file with its edited self; all questions are asked at once. */
export async function editChanges({ path, backup, summary, edit, removes = false }: Edit, host: Host): Promise<readonly Change[]> {
  const [around, have] = await Promise.all([look(path, host), host.fact(content(path))])
  const room = makeRoom(path, around, 'file', false)
  const before = have === null ? null : textOf(path, have)
  const after = edit(before)
  if (after === null || after === before) return []
  const step = { write: { path, content: after, ...(backup && before !== null ? { backup } : {}) } }
  return [...room, { summary: before === null ? 'create file' : summary, before, after, ...(removes ? { removes } : {}), do: [step] }]
}

function textOf(path: string, { bytes, whole }: { bytes: Uint8Array; whole: boolean }): string {
  const text = asText(bytes)
  if (whole && text !== undefined) return text
  throw new ChaosError('FILE_NOT_EDITABLE', {
    message: whole ? `${path} is not UTF-8 text.` : `${path} is larger than 1 MiB.`,
    hint: 'Bring the whole file over with files.put.',
    details: { path },
  })
}

/** Lines without their ends; a last line end makes no line of its own. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Lines as a text, with a line end behind each. */
export function textOfLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** A regular expression a user wrote, checked when the arguments are. */
export function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').unicode
  } catch {
    return false
  }
}
