/**
 * Rewrites every `{{ expression }}` so that its value passes through filters whose answer is in `.text`, because the engine prints
 * `true` and `none` where Jinja2 prints `True` and `None`. Line ends stay where they were, so errors
 * still name the right line.
 */
export function wrapOutputs(source: string, filters: string): string {
  let out = ''
  let at = 0
  for (;;) {
    const opening = nextOpening(source, at)
    if (opening === undefined) return out + source.slice(at)
    const { start, kind } = opening
    out += source.slice(at, start)
    const end = endOf(source, start, kind)
    const tag = source.slice(start, end)
    out += kind === '{#' ? tag : kind === '{{' ? wrapped(spelled(tag), filters) : spelled(tag)
    at = end
    if (kind === '{%' && /^\{%[-+]?\s*raw\s*[-+]?%\}$/.test(tag)) {
      const rest = /\{%[-+]?\s*endraw\s*[-+]?%\}/.exec(source.slice(at))
      const raw = rest ? at + rest.index + rest[0].length : source.length
      out += source.slice(at, raw)
      at = raw
    }
  }
}

function nextOpening(source: string, from: number): { start: number; kind: string } | undefined {
  const found = /\{[{%#]/g
  found.lastIndex = from
  const match = found.exec(source)
  return match ? { start: match.index, kind: match[0] } : undefined
}

/** Behind the closing mark. Quotes hide it, and so do the braces of a dictionary. */
function endOf(source: string, start: number, kind: string): number {
  if (kind === '{#') {
    const end = source.indexOf('#}', start + 2)
    return end < 0 ? source.length : end + 2
  }
  const closing = kind === '{{' ? '}}' : '%}'
  let depth = 0
  for (let at = start + 2; at < source.length; at++) {
    const letter = source[at]
    if (letter === '"' || letter === "'") at = stringEnd(source, at)
    else if (depth === 0 && source.startsWith(closing, at)) return at + 2
    else if (letter === '{') depth++
    else if (letter === '}') depth--
  }
  return source.length
}

function stringEnd(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === source[start]) return at
  }
  return source.length
}

/** The engine's own tojson is needed as it is; a template's is the one with Jinja2's spacing. */
function spelled(tag: string): string {
  return tag.replaceAll(/(\|\s*|\bfilter\s+)tojson\b/g, '$1chaos_tojson')
}

function wrapped(tag: string, filters: string): string {
  const parts = /^\{\{([-+]?)([^]*?)([-+]?)\}\}$/.exec(tag)
  if (!parts || parts[2]?.trim() === '') return tag
  return `{{${parts[1]} ((${parts[2]})${filters}).text ${parts[3]}}}`
}
