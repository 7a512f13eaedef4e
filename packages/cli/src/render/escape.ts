/**
 * Text that came from a host, or from a file, made safe to show: control characters (and with them all cursor
 * movement), characters that turn the direction of writing, and lone surrogates become visible escapes.
 */
// oxlint-disable-next-line no-control-regex -- they are what it is about
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu

/** Several lines; line ends and tabs stay. */
export function escapeText(text: string): string {
  return neutral(text.replace(UNSAFE, visible))
}

/** One line: line ends and tabs are shown as `\n` and `\t`. */
export function escapeLine(text: string): string {
  return escapeText(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

/** The lines of a text, escaped; a line end at the end makes no empty line. */
export function escapedLines(text: string): string[] {
  const all = escapeText(text.replaceAll('\r\n', '\n')).split('\n').map((line) => line.replaceAll('\t', '    '))
  if (all.at(-1) === '') all.pop()
  return all
}

function visible(character: string): string {
  const code = character.codePointAt(0) as number
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

/** In GitHub's log `::` and `##[` start commands of the workflow; a host must not give any. */
function neutral(text: string): string {
  return process.env['GITHUB_ACTIONS'] === 'true' ? text.replaceAll('::', ':\u200b:').replaceAll('##[', '##\u200b[') : text
}
