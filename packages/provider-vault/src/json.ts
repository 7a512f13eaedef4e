/** An answer of Vault; `exact` has its numbers as the texts they were sent as. */
export interface Json {
  readonly value: unknown
  readonly exact: unknown
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Undefined for what is no JSON. Vault keeps a number as it was written; JavaScript would round 12345678901234567890, and make 1.50 of 1.5. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return { value, exact: JSON.parse(text.replace(STRING_OR_NUMBER, (found) => (found.startsWith('"') ? found : `"${found}"`))) }
  } catch {
    return undefined
  }
}

/** Whether a value can be written as JSON again without a number that changes. */
export function isLossless(value: unknown, exact: unknown): boolean {
  if (typeof value === 'number') return String(value) === exact
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, each]) => isLossless(each, (exact as Record<string, unknown>)[key]))
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What lies at `keys` of maps; undefined where there is none. */
export function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((map, key) => (isMap(map) && Object.hasOwn(map, key) ? map[key] : undefined), value)
}
