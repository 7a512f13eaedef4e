import { isSecret } from '@chaos/core'

/** Keys of maps, indexes of lists. */
export type SopsPath = readonly (string | number)[]

/** A key as it is, one in brackets and quotes, or an index. */
const STEP = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*"|'[^']*')\]|(\.?)([^.[\]]+)/y

/** `users.ana.tokens[0]`, or `tls["ca.crt"]` where a key has a dot or a bracket in it, as a path; undefined where it is none. */
export function parsePath(text: string): SopsPath | undefined {
  const path: (string | number)[] = []
  const step = new RegExp(STEP)
  while (step.lastIndex < text.length) {
    const [, index, quoted, dot, key] = step.exec(text) ?? []
    const first = path.length === 0
    if (key !== undefined && (dot === '') === first) path.push(key)
    else if (index !== undefined && !first) path.push(Number(index))
    else {
      const inQuotes = quoted === undefined ? undefined : unquoted(quoted)
      if (inQuotes === undefined) return undefined
      path.push(inQuotes)
    }
  }
  return path.length === 0 ? undefined : path
}

function unquoted(text: string): string | undefined {
  if (text.startsWith("'")) return text.slice(1, -1)
  try {
    return JSON.parse(text) as string
  } catch {
    return undefined
  }
}

/** A path as people write it, and as it is parsed: `app.db[0].password`. */
export function shownPath(path: SopsPath): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`
      if (/^[^.[\]]+$/.test(key)) return index === 0 ? key : `.${key}`
      return `[${JSON.stringify(key)}]`
    })
    .join('')
}

/** What stands there in a tree; undefined where there is nothing. */
export function valueAt(tree: unknown, path: SopsPath): unknown {
  return path.reduce<unknown>((value, step) => {
    const fits = typeof step === 'number' ? Array.isArray(value) : typeof value === 'object' && value !== null && !Array.isArray(value) && !isSecret(value)
    return fits && Object.hasOwn(value as object, step) ? (value as Record<string | number, unknown>)[step] : undefined
  }, tree)
}
