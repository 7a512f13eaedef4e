/** A text with interpolations: pieces of text and references. */
export type Template = readonly (string | Reference)[]

export type Reference = PathReference | CallReference

export interface PathReference {
  readonly kind: 'path'
  /** As written, for messages: `${..a}`. */
  readonly text: string
  /** Leading dots; 0 = from the root, 1 = beside. */
  readonly up: number
  readonly segments: readonly Template[]
}

export interface CallReference {
  readonly kind: 'call'
  readonly text: string
  /** `oc.env`, `secret`, … */
  readonly name: string
  readonly args: readonly Template[]
}

/** The text is no interpolation that we know. `offset` counts from its beginning. */
export interface SyntaxFailure {
  readonly failure: string
  readonly offset: number
}

/** `${` inside `${` inside … */
const MAX_NESTING = 20

/** Whether a text has anything to interpolate or to unescape. */
export function isTemplate(text: string): boolean {
  return text.includes('${')
}

/** The text that interpolates to `text` itself. */
export function escapeTemplate(text: string): string {
  return text.replace(/(\\*)\$\{/g, (_, slashes: string) => `${slashes}${slashes}\\\${`)
}

export function parseTemplate(text: string): Template | SyntaxFailure {
  const state: State = { text, at: 0, depth: 0 }
  try {
    return pieces(state, () => false)
  } catch (error) {
    if (error instanceof Stop) return { failure: error.message, offset: error.offset }
    throw error
  }
}

interface State {
  readonly text: string
  at: number
  depth: number
}

class Stop extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/** Text and references up to where `ends` says so, or the end of the text. */
function pieces(state: State, ends: (state: State) => boolean): Template {
  const found: (string | Reference)[] = []
  let text = ''
  while (state.at < state.text.length && !ends(state)) {
    const run = /\\*/y
    run.lastIndex = state.at
    const slashes = run.exec(state.text)?.[0] ?? ''
    if (!state.text.startsWith('${', state.at + slashes.length)) {
      // A backslash that stands before no `${` is just a backslash.
      text += slashes === '' ? peek(state) : slashes
      state.at += slashes.length || 1
      continue
    }
    text += '\\'.repeat(slashes.length >> 1)
    state.at += slashes.length
    if (slashes.length % 2 === 1) {
      text += '${'
      state.at += 2
      continue
    }
    if (text !== '') found.push(text)
    text = ''
    found.push(reference(state))
  }
  if (text !== '') found.push(text)
  return found
}

function reference(state: State): Reference {
  const start = state.at
  if (++state.depth > MAX_NESTING) throw new Stop(`there are more than ${MAX_NESTING} \${ inside each other`, start)
  state.at += 2
  skipSpace(state)
  const call = sticky(state, /([A-Za-z_][\w.]*)\s*:/y)
  const found = call ? callReference(state, start, call) : pathReference(state, start)
  state.depth--
  return found
}

function callReference(state: State, start: number, name: string): CallReference {
  const args = name === 'secret' ? secretArguments(state) : callArguments(state)
  close(state, start)
  return { kind: 'call', text: state.text.slice(start, state.at), name, args }
}

/** `NAME:REFERENCE`; a reference is anything up to the brace, commas and colons too. */
function secretArguments(state: State): Template[] {
  const name = pieces(state, () => /[:}]/.test(peek(state)))
  if (peek(state) !== ':') return [trim(name)]
  state.at++
  return [trim(name), trim(pieces(state, () => peek(state) === '}'))]
}

/** Arguments between commas; a comma or brace in quotes or brackets belongs to its argument. */
function callArguments(state: State): Template[] {
  const args: Template[] = []
  for (;;) {
    let depth = 0
    let quote = ''
    let before = ','
    args.push(trim(pieces(state, () => {
      const next = peek(state)
      if (quote !== '') {
        if (next === quote) quote = ''
        return false
      }
      if (depth === 0 && (next === ',' || next === '}')) return true
      if ((next === '"' || next === "'") && /[,[{:]/.test(before)) quote = next
      else if (next === '[' || next === '{') depth++
      else if (next === ']' || next === '}') depth--
      if (next !== ' ') before = next
      return false
    })))
    if (peek(state) !== ',') return args
    state.at++
  }
}

function pathReference(state: State, start: number): PathReference {
  const up = (sticky(state, /(\.*)/y) ?? '').length
  const segments: Template[] = []
  for (;;) {
    skipSpace(state)
    const next = peek(state)
    if (next === '}' || next === '') break
    if (next === '[') segments.push(bracket(state))
    else {
      const segment = pieces(state, () => /[.[\]}{:,\s"']/.test(peek(state)))
      if (segment.length === 0) throw new Stop(`"${next}" cannot stand there`, state.at)
      segments.push(segment)
    }
    skipSpace(state)
    if (peek(state) === '.') {
      state.at++
      if (/^[\s}.]?$/.test(peek(state))) throw new Stop('a name is missing after the dot', state.at)
    }
  }
  close(state, start)
  if (segments.length === 0) throw new Stop('a name is missing between the braces', start)
  return { kind: 'path', text: state.text.slice(start, state.at), up, segments }
}

function bracket(state: State): Template {
  const start = state.at++
  const quoted = sticky(state, /"([^"]*)"\]/y) ?? sticky(state, /'([^']*)'\]/y)
  if (quoted !== undefined) return [quoted]
  const found = pieces(state, () => peek(state) === ']')
  if (peek(state) !== ']' || found.length === 0) throw new Stop('the bracket is not closed, or empty', start)
  state.at++
  return trim(found)
}

function close(state: State, start: number): void {
  skipSpace(state)
  if (peek(state) !== '}') throw new Stop('the brace is not closed', start)
  state.at++
}

function sticky(state: State, expression: RegExp): string | undefined {
  expression.lastIndex = state.at
  const match = expression.exec(state.text)
  if (!match) return undefined
  state.at = expression.lastIndex
  return match[1]
}

function skipSpace(state: State): void {
  while (/\s/.test(peek(state))) state.at++
}

function peek(state: State): string {
  return state.text[state.at] ?? ''
}

function trim(template: Template): Template {
  const last = template.length - 1
  return template
    .map((piece, index) => {
      if (typeof piece !== 'string') return piece
      const begun = index === 0 ? piece.trimStart() : piece
      return index === last ? begun.trimEnd() : begun
    })
    .filter((piece) => piece !== '')
}
