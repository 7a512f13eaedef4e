/** Controls except tab and newline, the C1 controls, what changes the direction of writing, invisible breaks, and halves of characters. */
// oxlint-disable-next-line no-control-regex -- they are what it is about
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Text of a host made harmless for a terminal: what would move, colour or hide something is written out, as `\x1b`. Line ends stay. */
export function escapeTerminal(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(HARMFUL, written)
}

function written(sign: string): string {
  if (sign === '\r') return '\\r'
  const code = sign.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
