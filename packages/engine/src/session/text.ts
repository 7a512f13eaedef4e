import { ChaosError, isSecret, revealSecret } from '@chaos/core'
import type { Content } from '@chaos/core'

/**
 * Frames are built as strings of bytes (latin1, one character a byte), because a file's content and a
 * script's UTF-8 stand side by side in them. Everything that enters a frame passes through here.
 */

/** The bytes of a text. */
export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The bytes of a content. Here, and nowhere else in the session, a secret is revealed: on its way to stdin. */
export function contentBytes(content: Content): Buffer {
  if (typeof content === 'string') return Buffer.from(content, 'utf8')
  if (isSecret(content)) return Buffer.from(revealSecret(content), 'utf8')
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}

/** One word for sh. */
export function quoted(bytes: string): string {
  if (bytes.includes('\0')) throw new ChaosError('COMMAND_NUL', { message: 'A command cannot hold a NUL character.' })
  return `'${bytes.replaceAll("'", `'\\''`)}'`
}

/** Small enough for one builtin call, large enough that calls are few. */
const CHUNK = 32 * 1024

/**
 * A command list that prints these bytes, by a builtin: nothing of it is ever an argument of a process.
 * `chaos_put` is `printf %b` or mksh's `print -n`; both read `\\` and `\0000` alike, every other byte is itself.
 */
export function printing(bytes: string): string {
  const calls: string[] = []
  for (let at = 0; at < bytes.length || at === 0; at += CHUNK) {
    const escaped = bytes.slice(at, at + CHUNK).replaceAll('\\', '\\\\').replaceAll('\0', '\\0000')
    calls.push(`chaos_put ${quoted(escaped)}`)
  }
  return calls.length === 1 ? (calls[0] as string) : `{ ${calls.join('\n')}\n}`
}
