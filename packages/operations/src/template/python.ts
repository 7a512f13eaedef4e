/** Text of a JSON value as Python's `str` gives it. Works on the text, because `3.0` is no longer `3.0` once parsed. */
export function pythonText(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : pythonRepr(json)
}

function pythonRepr(json: string): string {
  return json.replaceAll(/"(?:[^"\\]|\\.)*"|true|false|null|[,:]/g, (token) => {
    if (token.startsWith('"')) return quoted(JSON.parse(token) as string)
    return { true: 'True', false: 'False', null: 'None', ',': ', ', ':': ': ' }[token] ?? token
  })
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t').replaceAll(quote, `\\${quote}`)
  return `${quote}${escaped}${quote}`
}

/** What a value is for Python's `%s`. */
export function pythonString(value: unknown): string {
  return typeof value === 'string' ? value : pythonText(JSON.stringify(value ?? null))
}

/** Python's `%` operator on a text: %s %r %d %i %f %x %o %%, with flags, width and precision. */
export function percentFormat(format: string, values: readonly unknown[]): string {
  let next = 0
  return format.replaceAll(/%([-0 +#]*)(\d*)(?:\.(\d+))?([sdifrxXo%])/g, (_, flags: string, width: string, precision: string | undefined, kind: string) => {
    if (kind === '%') return '%'
    if (next >= values.length) throw new Error('not enough values for the format')
    const text = formatted(values[next++], kind, precision)
    const signed = flags.includes('+') && /^\d/.test(text) ? `+${text}` : text
    if (flags.includes('-')) return signed.padEnd(Number(width))
    return flags.includes('0') && kind !== 's' ? zeroed(signed, Number(width)) : signed.padStart(Number(width))
  })
}

function formatted(value: unknown, kind: string, precision: string | undefined): string {
  switch (kind) {
    case 'd': case 'i': return String(Math.trunc(Number(value)))
    case 'f': return Number(value).toFixed(Number(precision ?? 6))
    case 'x': return Math.trunc(Number(value)).toString(16)
    case 'X': return Math.trunc(Number(value)).toString(16).toUpperCase()
    case 'o': return Math.trunc(Number(value)).toString(8)
    case 'r': return pythonRepr(JSON.stringify(value ?? null))
    default: return precision === undefined ? pythonString(value) : pythonString(value).slice(0, Number(precision))
  }
}

function zeroed(text: string, width: number): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + text.slice(sign.length).padStart(width - sign.length, '0')
}
