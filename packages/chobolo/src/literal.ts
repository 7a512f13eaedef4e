/** What an argument of a resolver says, as OmegaConf reads it: null, true, numbers, 'quoted', [lists], {maps}, else the text. */
export function parseLiteral(text: string): unknown {
  const state = { text, at: 0 }
  const value = element(state, '', 0)
  return value !== undefined && state.at === text.length ? value : text
}

interface State {
  readonly text: string
  at: number
}

const MAX_NESTING = 20

/** undefined = not well formed: the caller takes the text as it is. */
function element(state: State, stops: string, depth: number): unknown {
  skip(state)
  const next = state.text[state.at]
  if (depth > MAX_NESTING) return undefined
  const value = next === '[' ? list(state, depth) : next === '{' ? map(state, depth) : next === '"' || next === "'" ? quoted(state, next) : word(state, stops)
  skip(state)
  return value
}

function list(state: State, depth: number): unknown[] | undefined {
  const items: unknown[] = []
  state.at++
  if (closes(state, ']')) return items
  for (;;) {
    const item = element(state, ',]', depth + 1)
    if (item === undefined) return undefined
    items.push(item)
    if (closes(state, ']')) return items
    if (state.text[state.at++] !== ',') return undefined
  }
}

function map(state: State, depth: number): Record<string, unknown> | undefined {
  const entries: [string, unknown][] = []
  state.at++
  if (closes(state, '}')) return {}
  for (;;) {
    const key = element(state, ':,}', depth + 1)
    if (key === undefined || key === '__proto__' || state.text[state.at++] !== ':') return undefined
    const value = element(state, ',}', depth + 1)
    if (value === undefined) return undefined
    entries.push([`${key as string | number | boolean}`, value])
    if (closes(state, '}')) return Object.fromEntries(entries)
    if (state.text[state.at++] !== ',') return undefined
  }
}

function quoted(state: State, quote: string): string | undefined {
  let text = ''
  for (state.at++; state.at < state.text.length; state.at++) {
    const next = state.text[state.at] as string
    if (next === quote) {
      state.at++
      return text
    }
    if (next === '\\' && (state.text[state.at + 1] === quote || state.text[state.at + 1] === '\\')) state.at++
    text += state.text[state.at]
  }
  return undefined
}

function word(state: State, stops: string): unknown {
  const start = state.at
  while (state.at < state.text.length && !stops.includes(state.text[state.at] as string)) state.at++
  const text = state.text.slice(start, state.at).trim()
  if (/^null$/i.test(text)) return null
  if (/^true$/i.test(text)) return true
  if (/^false$/i.test(text)) return false
  // 0644 stays a text: a mode is meant, never the number 644.
  return /^[+-]?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : text
}

function closes(state: State, bracket: string): boolean {
  skip(state)
  if (state.text[state.at] !== bracket) return false
  state.at++
  return true
}

function skip(state: State): void {
  while (state.text[state.at] === ' ') state.at++
}
